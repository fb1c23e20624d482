package configs

import "strings"

// maxWord is the length beyond which nothing is taken for a misspelt word.
const maxWord = 64

// Nearest returns the word of known that a person most likely meant by word:
// one that differs by case, hyphen or underscore alone, one that is at most a
// third of its letters (and three) away, or the only one that word begins.
// It reports false when nothing is near.
func Nearest(word string, known []string) (string, bool) {
	w := fold(word)
	if len(w) == 0 || len(w) > maxWord {
		return "", false
	}
	best, bestAway := "", min(max(len(w)/3, 1), 3)+1
	if len(w) < 3 {
		bestAway = 1
	}
	begun, begins := "", 0
	for _, k := range known {
		folded := fold(k)
		if away := distance(w, folded); away < bestAway {
			best, bestAway = k, away
		}
		if len(w) >= 3 && strings.HasPrefix(string(folded), string(w)) {
			begun = k
			begins++
		}
	}
	if best == "" && begins == 1 {
		return begun, true
	}
	return best, best != ""
}

func fold(s string) []rune {
	return []rune(strings.ReplaceAll(strings.ToLower(s), "-", "_"))
}

// distance counts the insertions, deletions, substitutions and swaps of
// neighbours that turn a into b, no place being edited twice (F. J. Damerau,
// "A technique for computer detection and correction of spelling errors",
// 1964; the recurrence is that of optimal string alignment).
func distance(a, b []rune) int {
	before, last, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := range a {
		row[0] = i + 1
		for j := range b {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			row[j+1] = min(last[j+1]+1, row[j]+1, last[j]+cost)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				row[j+1] = min(row[j+1], before[j-1]+1)
			}
		}
		before, last, row = last, row, before
	}
	return last[len(b)]
}
