package pipeline_test

import (
	"fmt"
	"sync"
	"testing"

	"github.com/huntd/huntd/pipeline"
)

func TestDict(t *testing.T) {
	d := pipeline.NewDict()
	if _, ok := d.Lookup("a"); ok || d.Len() != 0 {
		t.Error("a new dictionary has names")
	}
	name := []byte("a")
	a, err := d.Intern(string(name))
	name[0] = 'x'
	b := d.Key("b")
	if again, err2 := d.Intern("b"); err != nil || err2 != nil || again != b || d.Key("a") != a || a == b {
		t.Error(a, b, again, err, err2)
	}
	if k, ok := d.Lookup("b"); !ok || k != b || d.Name(a) != "a" || d.Name(b) != "b" || d.Len() != 2 {
		t.Error(k, ok, d.Name(a), d.Name(b), d.Len())
	}
}

func TestDictForSeveral(t *testing.T) {
	d := pipeline.NewDict()
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for i := range 1000 {
				name := fmt.Sprint(i)
				k := d.Key(name)
				if got := d.Name(k); got != name {
					t.Errorf("%s became %s", name, got)
				}
				if k2, err := d.Intern(name); err != nil || k2 != k || int(k) >= d.Len() {
					t.Error(k, k2, err)
				}
			}
		})
	}
	wg.Wait()
	if d.Len() != 1000 {
		t.Error(d.Len())
	}
}
