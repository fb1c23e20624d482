package expression

import (
	"math"
	"unicode/utf8"

	"github.com/expr-lang/expr/ast"
)

// maxRange bounds the list that a..b makes.
const maxRange = 1 << 20

func (c *compiler) rewriteRange(n *ast.BinaryNode) (ast.Node, kind, error) {
	nodes, err := c.rewriteAll([]ast.Node{n.Left, n.Right})
	if err != nil {
		return nil, kindAny, err
	}
	if low, high, ok := interval(n); ok && low < high && uint(high)-uint(low) >= maxRange {
		return nil, kindAny, mistakeAt(n, "a list of more than %d numbers: compare with <= and >= instead", maxRange)
	}
	e := c.e
	return c.charged("..", n, func(args []any) (any, error) { return e.interval(args[0], args[1]), nil }, nodes), kindOther, nil
}

// interval is the list of the integers from a to b, nil where there is none.
func (e *Evaluator) interval(a, b any) any {
	low, okLow := e.integer(toScalar(first(a)))
	high, okHigh := e.integer(toScalar(first(b)))
	if !okLow || !okHigh {
		return nil
	}
	if high-low >= maxRange {
		e.notNumbers++
		return nil
	}
	out := make([]int, max(high-low+1, 0))
	for i := range out {
		out[i] = int(low) + i
	}
	return out
}

// slice is v[from:to]: a part of a list, or of a text by its characters. Places
// below 0 count from the end; open says which side was left out.
func (e *Evaluator) slice(v, from, to any, open [2]bool) any {
	n := length(v)
	start, stop := 0, n
	for i, bound := range []any{from, to} {
		if open[i] {
			continue
		}
		place := toScalar(first(bound)).resolved()
		if place.state != isNumber {
			e.notNumbers++
			return nil
		}
		at := clamp(place.number, n)
		if i == 0 {
			start = at
		} else {
			stop = at
		}
	}
	if isList(v) {
		return list(v)[start:max(start, stop)]
	}
	return cutText(toScalar(v).text, start, max(start, stop))
}

// clamp turns a place that may count from the end into one from 0 to n.
func clamp(place float64, n int) int {
	place = math.Trunc(place)
	if place < 0 {
		place += float64(n)
	}
	return int(min(max(place, 0), float64(n)))
}

// cutText returns the characters of s from start up to stop.
func cutText(s string, start, stop int) string {
	return s[bytesOf(s, start):bytesOf(s, stop)]
}

// bytesOf returns the length in bytes of the first n characters of s.
func bytesOf(s string, n int) int {
	at := 0
	for ; n > 0 && at < len(s); n-- {
		_, width := utf8.DecodeRuneInString(s[at:])
		at += width
	}
	return at
}
