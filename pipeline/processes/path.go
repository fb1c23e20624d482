package processes

import (
	"strconv"
	"strings"
)

// way lists a node and its ancestors, the nearest first, up to MaxPathLevels.
func (f *Forest) way(node int, into []int) []int {
	into = into[:0]
	for at := node; at != None && len(into) < MaxPathLevels; at = f.Nodes[at].Parent {
		into = append(into, at)
	}
	return into
}

// A PathWriter writes the paths of nodes. Its zero value is ready.
type PathWriter struct {
	way   []int
	parts []string
}

// Names returns the file names of the processes from the root to a node, such
// as explorer.exe>cmd.exe. A path that is too long begins with "...", and is
// counted by the forest.
func (w *PathWriter) Names(f *Forest, node int) string {
	return w.write(f, node, ">", func(at int) string { return baseName(f.Name(at)) })
}

// Indexes returns MSTICPy's path: the indexes from the root to a node, of five
// digits at least, such as 01000/00012.
func (w *PathWriter) Indexes(f *Forest, node int) string {
	return w.write(f, node, "/", func(at int) string { return Index(&f.Nodes[at]) })
}

// Index writes the index of a node as MSTICPy's source_index.
func Index(n *Node) string {
	digits := strconv.Itoa(n.Index)
	return "00000"[min(len(digits), 5):] + digits
}

func (w *PathWriter) write(f *Forest, node int, sep string, part func(int) string) string {
	w.way = f.way(node, w.way)
	w.parts = w.parts[:0]
	bytes := 0
	for _, at := range w.way {
		p := part(at)
		if bytes += len(p) + len(sep); bytes > MaxPathBytes {
			break
		}
		w.parts = append(w.parts, p)
	}
	var b strings.Builder
	if len(w.parts) <= f.Nodes[node].Level {
		f.Cut++
		b.WriteString("..." + sep)
	}
	for i := len(w.parts) - 1; i >= 0; i-- {
		b.WriteString(w.parts[i])
		if i > 0 {
			b.WriteString(sep)
		}
	}
	return b.String()
}

// baseName returns the last part of a path of Windows or Unix.
func baseName(name string) string {
	return name[strings.LastIndexAny(name, `\/`)+1:]
}
