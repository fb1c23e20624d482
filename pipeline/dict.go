package pipeline

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
)

// A Key is a field's name, interned in a [Dict]. Keys of different
// dictionaries must not be mixed.
type Key uint32

// What a dictionary takes from data.
const (
	// MaxNames is how many different names of fields a run may read.
	MaxNames = 1 << 16
	// MaxNameBytes is how long one of them may be, dots and outer names
	// included.
	MaxNameBytes = 16 << 10
	// maxNamesBytes is how long all of them together may be.
	maxNamesBytes = 16 << 20
)

// ErrNames marks a record that is refused because the names of its fields are
// too long, or with those read before too many. Such names hold values, a
// UUID or an address each, and no stage could ask for them by name.
var ErrNames = errors.New("field names out of bounds")

// A Dict interns field names. One dictionary serves all batches of a run, so
// that a stage resolves a name once and compares numbers from then on. It is
// safe for use by several goroutines.
type Dict struct {
	mu    sync.RWMutex
	ids   map[string]Key
	bytes int
	names atomic.Pointer[[]string]
}

// NewDict returns an empty dictionary.
func NewDict() *Dict {
	d := &Dict{ids: map[string]Key{}}
	d.names.Store(&[]string{})
	return d
}

// Key returns the key of name, interning it when it is new. It is for names
// that the hunt or the program gives, and takes any number of them; for names
// that come out of data there is [Dict.Intern].
func (d *Dict) Key(name string) Key {
	if k, ok := d.Lookup(name); ok {
		return k
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.add(name)
}

// Intern is Key for a name that was read. Beyond [MaxNames], or for a name
// longer than [MaxNameBytes], its error wraps [ErrNames].
func (d *Dict) Intern(name string) (Key, error) {
	if k, ok := d.Lookup(name); ok {
		return k, nil
	}
	if len(name) > MaxNameBytes {
		return 0, fmt.Errorf("the name of a field is %d bytes long, more than %d: %w", len(name), MaxNameBytes, ErrNames)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if len(d.ids) >= MaxNames || d.bytes+len(name) > maxNamesBytes {
		return 0, fmt.Errorf("there are more than %d different names, or more than %d MiB of them, so they hold values; let the search keep the fields that are needed: %w",
			MaxNames, maxNamesBytes>>20, ErrNames)
	}
	return d.add(name), nil
}

// add interns a name; the lock is held.
func (d *Dict) add(name string) Key {
	if k, ok := d.ids[name]; ok {
		return k
	}
	own := strings.Clone(name) // the caller's bytes may be an arena's
	old := *d.names.Load()
	k := Key(len(old))
	d.ids[own] = k
	d.bytes += len(own)
	grown := append(old, own) // readers hold a shorter slice header
	d.names.Store(&grown)
	return k
}

// Lookup returns the key of name if some record or stage has used it.
func (d *Dict) Lookup(name string) (Key, bool) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	k, ok := d.ids[name]
	return k, ok
}

// Name returns the name that key stands for.
func (d *Dict) Name(key Key) string { return (*d.names.Load())[key] }

// Len returns the number of names interned so far; every key is below it.
func (d *Dict) Len() int { return len(*d.names.Load()) }
