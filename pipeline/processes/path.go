package processes

import (
	"strconv"
	"strings"
)

// A PathWriter writes the paths of a forest's nodes.
type PathWriter struct {
	forest *Forest
	way    []int // the nodes of a path, the nearest first
	path   []byte
}

// NewPathWriter returns a writer of paths in f.
func NewPathWriter(f *Forest) *PathWriter { return &PathWriter{forest: f} }

// Names returns the file names of the processes from the root to a node in lower
// case, such as explorer.exe>cmd.exe. A path that is too long begins with "...", and is
// counted by the forest.
func (w *PathWriter) Names(node int) string {
	w.climb(node, func(at int) int { return len(baseName(w.forest.Name(at))) })
	return w.write(node, '>', func(at int) { w.path = append(w.path, foldName(baseName(w.forest.Name(at)))...) })
}

// Indexes returns MSTICPy's path: the indexes from the root to a node, of five
// digits at least, such as 01000/00012.
func (w *PathWriter) Indexes(node int) string {
	w.climb(node, func(int) int { return len("2147483647") })
	return w.write(node, '/', func(at int) { w.path = appendIndex(w.path, w.forest.Nodes[at].Index) })
}

// climb lists the nodes of a path as far as the bounds allow; size is about how
// many bytes one takes.
func (w *PathWriter) climb(node int, size func(at int) int) {
	w.way = w.way[:0]
	bytes := 0
	for at := node; at != None && len(w.way) < MaxPathLevels; at = w.forest.Nodes[at].Parent {
		if bytes += size(at) + 1; bytes > MaxPathBytes {
			return
		}
		w.way = append(w.way, at)
	}
}

func (w *PathWriter) write(node int, sep byte, add func(at int)) string {
	w.path = w.path[:0]
	if len(w.way) <= w.forest.Nodes[node].Level {
		w.forest.Cut++
		w.path = append(append(w.path, "..."...), sep)
	}
	for i := len(w.way) - 1; i >= 0; i-- {
		add(w.way[i])
		if i > 0 {
			w.path = append(w.path, sep)
		}
	}
	return string(w.path)
}

// Index writes the index of a node as MSTICPy's source_index.
func Index(n *Node) string { return string(appendIndex(nil, n.Index)) }

func appendIndex(dst []byte, index int) []byte {
	for bound := 10_000; index < bound && bound > 1; bound /= 10 {
		dst = append(dst, '0')
	}
	return strconv.AppendInt(dst, int64(index), 10)
}

// baseName returns the last part of a path of Windows or Unix.
func baseName(name string) string {
	return name[strings.LastIndexAny(name, `\/`)+1:]
}
