package processes

import (
	"slices"
	"sort"
)

// An identity is what processes are looked up by: group, id and folded name.
// Where the child does not know its parent's name, name is anyName.
type identity struct{ group, pid, name int32 }

const anyName = -1

// A linker finds the parents of processes.
type linker struct {
	procs  []Process
	limits Limits
	order  []int32 // the processes that are no duplicates, in order of time

	groups, pids, names, guids *names
	self                       []identity // of each process
	byName, byPID              index
	byGUID                     map[[2]int32]int32
	parent                     []int32
	duplicate                  []int32
}

func newLinker(procs []Process, limits Limits) *linker {
	l := &linker{
		procs: procs, limits: limits,
		groups: newNames(asWritten), pids: newNames(foldPID), names: newNames(foldName), guids: newNames(foldName),
		self: make([]identity, len(procs)), parent: make([]int32, len(procs)), duplicate: make([]int32, len(procs)),
		byGUID: map[[2]int32]int32{},
	}
	for i := range procs {
		p := &procs[i]
		l.self[i] = identity{l.groups.id(p.Group), l.pids.id(p.PID), l.names.id(p.Name)}
		l.parent[i], l.duplicate[i] = None, None
	}
	l.findDuplicates()
	l.order = byTime(procs, l.duplicate)
	l.learnGUIDs()
	l.byName = l.newIndex(func(at identity) identity { return at })
	l.byPID = l.newIndex(func(at identity) identity { at.name = anyName; return at })
	return l
}

// findDuplicates looks for processes that were recorded twice.
func (l *linker) findDuplicates() {
	type instant struct {
		identity
		nanos int64
		guid  int32
	}
	seen := make(map[instant]int32, len(l.procs))
	for i := range l.procs {
		p := &l.procs[i]
		at := instant{l.self[i], roundEven(p.Time).UnixNano(), l.guids.id(p.GUID)}
		if first, ok := seen[at]; ok {
			l.duplicate[i] = first
		} else {
			seen[at] = int32(i)
		}
	}
}

// learnGUIDs lists the processes by GUID. Of several with one GUID the first
// counts.
func (l *linker) learnGUIDs() {
	for _, i := range l.order {
		if l.procs[i].GUID == "" {
			continue
		}
		guid := [2]int32{l.self[i].group, l.guids.id(l.procs[i].GUID)}
		if _, ok := l.byGUID[guid]; !ok {
			l.byGUID[guid] = i
		}
	}
}

// link sets the parent of every process that has a recorded one.
func (l *linker) link() {
	for _, i := range l.order {
		l.parent[i] = l.parentOf(i)
	}
	l.openRings()
}

func (l *linker) parentOf(i int32) int32 {
	p := &l.procs[i]
	if p.ParentGUID != "" {
		at, ok := l.byGUID[[2]int32{l.self[i].group, l.guids.id(p.ParentGUID)}]
		if ok && at != i {
			return at
		}
	}
	if p.ParentPID == "" {
		return None
	}
	want := identity{l.self[i].group, l.pids.id(p.ParentPID), anyName}
	if !p.HasParentName {
		return l.last(l.byPID.of(want), i)
	}
	if p.ParentName == "" {
		want.name = l.names.id(unknownName)
	} else {
		want.name = l.names.id(p.ParentName)
	}
	return l.last(l.byName.of(want), i)
}

// last returns the last of some processes, in order of time, that was created
// when i was or before, or the first within the slack after it.
func (l *linker) last(among []int32, i int32) int32 {
	at := l.procs[i].Time
	after := sort.Search(len(among), func(j int) bool { return l.procs[among[j]].Time.After(at) })
	for before := after - 1; before >= 0; before-- {
		if among[before] != i { // at most one of them is
			return among[before]
		}
	}
	if after < len(among) && l.limits.Slack > 0 && l.procs[among[after]].Time.Sub(at) <= l.limits.Slack {
		return among[after]
	}
	return None
}

// An index lists processes by identity, each list in order of time.
type index struct {
	lists map[identity]int32
	start []int32
	all   []int32
}

func (l *linker) newIndex(key func(identity) identity) index {
	x := index{lists: make(map[identity]int32, len(l.procs)), all: make([]int32, len(l.order))}
	list := make([]int32, len(l.procs))
	var counts []int32
	for _, i := range l.order {
		k := key(l.self[i])
		at, ok := x.lists[k]
		if !ok {
			at = int32(len(counts))
			x.lists[k] = at
			counts = append(counts, 0)
		}
		counts[at]++
		list[i] = at
	}
	x.start = make([]int32, len(counts)+1)
	for at, n := range counts {
		x.start[at+1] = x.start[at] + n
	}
	next := slices.Clone(x.start)
	for _, i := range l.order {
		x.all[next[list[i]]] = i
		next[list[i]]++
	}
	return x
}

func (x index) of(k identity) []int32 {
	at, ok := x.lists[k]
	if !ok {
		return nil
	}
	return x.all[x.start[at]:x.start[at+1]]
}

// openRings takes the parent from the first process, in order of time, of every
// ring.
func (l *linker) openRings() {
	const fresh, walked, done = 0, 1, 2
	state := make([]byte, len(l.procs))
	rank := make([]int32, len(l.procs))
	for at, i := range l.order {
		rank[i] = int32(at)
	}
	var way []int32
	for start := range l.procs {
		at := int32(start)
		for way = way[:0]; at != None && state[at] == fresh; at = l.parent[at] {
			state[at] = walked
			way = append(way, at)
		}
		if at != None && state[at] == walked {
			first := at
			for i := l.parent[at]; i != at; i = l.parent[i] {
				if rank[i] < rank[first] {
					first = i
				}
			}
			l.parent[first] = None
		}
		for _, i := range way {
			state[i] = done
		}
	}
}
