//go:build ignore

// This program makes dga.bin, the model behind [DGAScore], and prints the
// constants that go with it:
//
//	go run dga_train.go
//
// What it learns from comes with Go and with golang.org/x/net: the words in the
// comments of the standard library, which are English, and the labels of the
// public suffix list, which are names that people registered and names of towns in
// many languages. Names are often made of two words, so half of what it learns
// are pairs. What it learns against is drawn at random.
package main

import (
	"fmt"
	"go/parser"
	"go/token"
	"io/fs"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
)

const symbols = 29 // as in dga.go

func symbol(c byte) int {
	switch {
	case c >= 'a' && c <= 'z':
		return int(c-'a') + 1
	case c >= '0' && c <= '9':
		return 27
	}
	return 28
}

func main() {
	r := rand.New(rand.NewPCG(1, 2))
	english, names := words(), labels()
	fmt.Println(len(english), "words,", len(names), "labels")
	r.Shuffle(len(names), func(a, b int) { names[a], names[b] = names[b], names[a] })
	held := names[:len(names)/5]
	names = names[len(names)/5:]

	counts := make([]float64, symbols*symbols*symbols)
	learn := func(s string, weight float64) {
		a, b := 0, 0
		for i := range len(s) + 1 {
			c := 0
			if i < len(s) {
				c = symbol(s[i])
			}
			counts[(a*symbols+b)*symbols+c] += weight
			a, b = b, c
		}
	}
	pick := func() string {
		if r.IntN(2) == 0 {
			return english[r.IntN(len(english))]
		}
		return names[r.IntN(len(names))]
	}
	for range 400_000 {
		learn(likeAName(r, pick), 1)
	}
	model := quantised(counts)

	// A logistic regression on the sum and the length says how sure to be.
	var xs [][3]float64
	var ys []float64
	for range 20_000 {
		name := likeAName(r, func() string {
			if r.IntN(3) == 0 {
				return english[r.IntN(len(english))]
			}
			return held[r.IntN(len(held))]
		})
		xs, ys = append(xs, features(model, name)), append(ys, 0)
		xs, ys = append(xs, features(model, atRandom(r))), append(ys, 1)
	}
	w := regress(xs, ys)
	right := 0
	for i, x := range xs {
		if (w[0]*x[0]+w[1]*x[1]+w[2]*x[2] > 0) == (ys[i] == 1) {
			right++
		}
	}
	fmt.Printf("weights %.3f %.3f %.3f, right %.2f%%\n", w[0], w[1], w[2], 100*float64(right)/float64(len(xs)))
	if err := os.WriteFile("dga.bin", model, 0o644); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// likeAName puts words together as people do.
func likeAName(r *rand.Rand, pick func() string) string {
	s := pick()
	switch r.IntN(10) {
	case 0, 1, 2, 3:
		s += pick()
	case 4:
		s += "-" + pick()
	case 5:
		s += fmt.Sprint(r.IntN(100))
	}
	return s
}

// atRandom is a name as generators make them.
func atRandom(r *rand.Rand) string {
	alphabet := []string{
		"abcdefghijklmnopqrstuvwxyz", "abcdefghijklmnopqrstuvwxyz", "abcdefghijklmnopqrstuvwxyz0123456789",
		"0123456789abcdef", "abcdefghijklmnopqrstuvwxyz234567", "bcdfghjklmnpqrstvwxz",
	}[r.IntN(6)]
	s := make([]byte, 6+r.IntN(19))
	for i := range s {
		s[i] = alphabet[r.IntN(len(alphabet))]
	}
	return string(s)
}

// quantised turns counts into probabilities, of which -16*log2 is kept in a
// byte. Rare triples lean on pairs, and these on single symbols (Jelinek and
// Mercer's interpolation).
func quantised(counts []float64) []byte {
	n := symbols
	single, pair := make([]float64, n), make([]float64, n*n)
	total := 0.0
	pairTotal := make([]float64, n)
	tripleTotal := make([]float64, n*n)
	for i, c := range counts {
		single[i%n] += c
		pair[i%(n*n)] += c
		pairTotal[i/n%n] += c
		tripleTotal[i/n] += c
		total += c
	}
	model := make([]byte, len(counts))
	for i, c := range counts {
		p1 := (single[i%n] + 1) / (total + float64(n))
		p2 := (pair[i%(n*n)] + 30*p1) / (pairTotal[i/n%n] + 30)
		p3 := (c + 30*p2) / (tripleTotal[i/n] + 30)
		model[i] = byte(min(max(math.Round(-16*math.Log2(p3)), 0), 255))
	}
	return model
}

// features are those of dga.go.
func features(model []byte, s string) [3]float64 {
	a, b, sum := 0, 0, 0.0
	for i := range len(s) {
		c := symbol(s[i])
		sum += float64(model[(a*symbols+b)*symbols+c]) / 16
		if c == 27 {
			sum += math.Log2(10) // which digit is all the same
		}
		sum -= math.Log2(37)
		a, b = b, c
	}
	return [3]float64{1, sum, float64(len(s))}
}

func regress(xs [][3]float64, ys []float64) (w [3]float64) {
	for range 3000 {
		var grad [3]float64
		for i, x := range xs {
			p := 1 / (1 + math.Exp(-(w[0]*x[0] + w[1]*x[1] + w[2]*x[2])))
			for j := range x {
				grad[j] += (p - ys[i]) * x[j]
			}
		}
		for j, rate := range [3]float64{1, 0.005, 0.005} {
			w[j] -= rate * grad[j] / float64(len(xs))
		}
	}
	return w
}

// words are the lower-case words of the standard library's comments.
func words() []string {
	seen := map[string]int{}
	word := regexp.MustCompile(`\b[a-z]{3,14}\b`)
	filepath.WalkDir(filepath.Join(runtime.GOROOT(), "src"), func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		f, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return nil
		}
		for _, c := range f.Comments {
			for _, w := range word.FindAllString(c.Text(), -1) {
				seen[w]++
			}
		}
		return nil
	})
	var all []string
	for w, n := range seen {
		if n >= 5 {
			all = append(all, w)
		}
	}
	slices.Sort(all)
	return all
}

// labels are those of the public suffix list, three letters or longer.
func labels() []string {
	dir, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "golang.org/x/net").Output()
	if err != nil {
		panic(err)
	}
	text, err := os.ReadFile(filepath.Join(strings.TrimSpace(string(dir)), "publicsuffix", "table_test.go"))
	if err != nil {
		panic(err)
	}
	seen := map[string]bool{}
	for _, rule := range regexp.MustCompile(`"[a-z0-9.*!-]+"`).FindAllString(string(text), -1) {
		for _, label := range strings.Split(strings.Trim(rule, `"*!`), ".") {
			if len(label) >= 3 && !strings.HasPrefix(label, "xn--") {
				seen[label] = true
			}
		}
	}
	var all []string
	for l := range seen {
		all = append(all, l)
	}
	slices.Sort(all)
	return all
}
