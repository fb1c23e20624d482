package expression

import "strings"

// nearest returns the name that a word is most like, capitals aside. A third of
// its letters may differ, or it may be longer than the name.
func nearest(word string, names []string) (string, bool) {
	if len(word) > 40 {
		return "", false
	}
	best, found := "", len(word)/3+1
	for _, name := range names {
		if d := distance(strings.ToLower(word), strings.ToLower(name)); d < found {
			best, found = name, d
		}
	}
	for _, name := range names {
		if best == "" && len(name) > 2 && strings.HasPrefix(strings.ToLower(word), strings.ToLower(name)) {
			best = name
		}
	}
	return best, best != ""
}

// distance is Levenshtein's: how many bytes must be put in, taken out or
// changed to turn a into b.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			change := diagonal
			if a[i] != b[j] {
				change++
			}
			diagonal = row[j+1]
			row[j+1] = min(change, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
