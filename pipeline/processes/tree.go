package processes

// A Forest is the trees of all processes.
type Forest struct {
	// Nodes has a node for each process, under its number, then one for each
	// inferred parent.
	Nodes []Node
	procs []Process
	// Cut is how many keys and paths a bound cut short.
	Cut int
}

// Build links processes into trees. It keeps procs.
func Build(procs []Process, limits Limits) *Forest {
	l := newLinker(procs, limits)
	l.link()
	f := &Forest{Nodes: make([]Node, len(procs)), procs: procs}
	for i := range f.Nodes {
		f.Nodes[i] = Node{Process: i, Duplicate: int(l.duplicate[i]), Parent: int(l.parent[i])}
	}
	f.number(l)
	f.measure()
	f.settleDuplicates()
	return f
}

// number gives the nodes their indexes and makes those of inferred parents.
func (f *Forest) number(l *linker) {
	count := make([]int, len(l.groups.ids))
	for _, i := range l.order {
		group := l.self[i].group
		f.Nodes[i].Index = count[group]
		count[group]++
	}
	inferred := map[identity]int{}
	type mention struct { // MSTICPy numbers each of these, and keeps the first of one identity
		identity
		logon, spelt string
	}
	mentions := map[mention]struct{}{}
	for _, i := range l.order {
		p := &l.procs[i]
		if f.Nodes[i].Parent != None || p.ParentPID == "" {
			continue
		}
		id := identity{l.self[i].group, l.pids.id(p.ParentPID), l.names.id(parentName(p))}
		m := mention{id, p.Logon, p.ParentName}
		if _, ok := mentions[m]; !ok {
			mentions[m] = struct{}{}
			count[id.group]++
		}
		at, ok := inferred[id]
		if !ok {
			at = len(f.Nodes)
			inferred[id] = at
			f.Nodes = append(f.Nodes, Node{
				Process: int(i), Inferred: true, Duplicate: None, Parent: None, Index: count[id.group] - 1,
			})
		}
		f.Nodes[i].Parent = at
	}
}

func parentName(p *Process) string {
	if p.ParentName == "" {
		return unknownName
	}
	return p.ParentName
}

// measure sets levels, roots and the numbers of children.
func (f *Forest) measure() {
	const unset = -1
	for i := range f.Nodes {
		f.Nodes[i].Root = unset
	}
	var way []int
	for i := range f.Nodes {
		if p := f.Nodes[i].Parent; p != None {
			f.Nodes[p].Children++
		}
		at := i
		for way = way[:0]; f.Nodes[at].Root == unset && f.Nodes[at].Parent != None; at = f.Nodes[at].Parent {
			way = append(way, at)
		}
		if f.Nodes[at].Root == unset {
			f.Nodes[at].Root = at
		}
		for j := len(way) - 1; j >= 0; j-- {
			n, up := &f.Nodes[way[j]], &f.Nodes[f.Nodes[way[j]].Parent]
			n.Root, n.Level = up.Root, up.Level+1
		}
	}
}

// settleDuplicates gives what was recorded twice the place of the first.
func (f *Forest) settleDuplicates() {
	for i := range f.Nodes {
		if first := f.Nodes[i].Duplicate; first != None {
			f.Nodes[i] = f.Nodes[first]
			f.Nodes[i].Process, f.Nodes[i].Duplicate = i, first
		}
	}
}
