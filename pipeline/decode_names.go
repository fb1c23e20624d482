package pipeline

import "slices"

// noKey stands for the field that the record itself is.
const noKey = ^Key(0)

// fieldNames finds the keys of a decoder's fields. Records of one kind have
// their fields in the same order, so it guesses each name from the one before
// and is spared reading and looking it up if the guess holds. Where it does
// not, the name is looked up as it was written, which costs no more than its
// own length, however long the names of the objects around it are.
type fieldNames struct {
	dict  *Dict
	known map[writtenName]knownName
	bytes int // of the names in known
	// after[k+1] is what followed the key k last, after[0] what began a record.
	after []follower
	last  Key      // the name before, noKey at a record's beginning
	in    []uint64 // in[k] is the last object that had a member k
	buf   []byte
}

// A writtenName is a member's name, in its quotes and with its escapes, and
// the field that it is a member of.
type writtenName struct {
	parent Key
	raw    string
}

type knownName struct {
	key Key
	raw string // the memory of the map's key, for followers to share
}

type follower struct {
	parent, key Key
	raw         string // "" for none
}

func newFieldNames(dict *Dict) fieldNames {
	return fieldNames{dict: dict, known: map[writtenName]knownName{}, last: noKey, after: make([]follower, 1)}
}

// name reads the name at pos and returns the key of its field under parent.
func (d *Decoder) name(parent Key) (Key, error) {
	n := &d.names
	guess := &n.after[n.last+1]
	if end := d.pos + len(guess.raw); guess.parent == parent && guess.raw != "" &&
		end <= len(d.in) && string(d.in[d.pos:end]) == guess.raw {
		d.pos = end
		n.last = guess.key
		return guess.key, nil
	}
	begin := d.pos
	var err error
	if n.buf, err = d.quoted(n.buf[:0]); err != nil {
		return 0, err
	}
	raw := d.in[begin:d.pos]
	found, ok := n.known[writtenName{parent, string(raw)}]
	if !ok {
		if found, err = n.learn(parent, n.buf, raw); err != nil {
			d.pos = begin
			return 0, d.fail("%w", err)
		}
	}
	n.after[n.last+1] = follower{parent: parent, key: found.key, raw: found.raw}
	n.last = found.key
	return found.key, nil
}

// learn finds the key of a name that is not known yet. What it remembers is
// bounded: beyond that it begins anew.
func (n *fieldNames) learn(parent Key, name, raw []byte) (knownName, error) {
	if parent != noKey {
		outer := n.dict.Name(parent)
		name = slices.Concat([]byte(outer), []byte{'.'}, name)
	}
	key, err := n.dict.Intern(string(name))
	if err != nil {
		return knownName{}, err
	}
	if size := int(key) + 2; size > len(n.after) {
		n.after = slices.Grow(n.after, size-len(n.after))[:size]
		n.in = slices.Grow(n.in, size-len(n.in))[:size]
	}
	if len(raw) > MaxNameBytes+2 {
		return knownName{key: key}, nil // escapes blow it up; not worth keeping
	}
	if len(n.known) >= MaxNames || n.bytes+len(raw) > maxNamesBytes {
		clear(n.known)
		clear(n.after)
		n.bytes = 0
	}
	found := knownName{key: key, raw: string(raw)}
	n.known[writtenName{parent, found.raw}] = found
	n.bytes += len(raw)
	return found, nil
}

// stamp notes that the object has a member key and reports whether it may have
// had it before. Objects are numbered as they begin, so a number above the
// object's own is that of an object within it, in a member that only dots make
// equal, and hides what was there.
func (n *fieldNames) stamp(key Key, object uint64) bool {
	again := n.in[key] >= object
	n.in[key] = object
	return again
}

// A memberLog finds the members that a later one of the same name covers, and
// then leaves them out. It is empty but for a record that is read anew.
type memberLog struct {
	seen  map[member]extent // nil when found is complete
	found map[int]int       // from where a covered value begins to where it ends
}

type member struct {
	object uint64
	key    Key
}

type extent struct{ begin, end int }

func (l *memberLog) add(object uint64, key Key, begin, end int) {
	if l.seen == nil {
		return
	}
	m := member{object, key}
	if old, ok := l.seen[m]; ok {
		l.found[old.begin] = old.end
	}
	l.seen[m] = extent{begin, end}
}

// skip returns where the value that begins at a place ends, if it is covered.
func (l *memberLog) skip(begin int) (end int, covered bool) {
	if l.seen != nil {
		return 0, false
	}
	end, covered = l.found[begin]
	return end, covered
}

// reread reads a record anew in which an object names a member twice: once to
// find the values that a later one covers, once leaving them out. That is
// thrice the work, for records that hardly anyone writes.
func (d *Decoder) reread() error {
	defer func() { d.members = memberLog{} }()
	found := map[int]int{}
	for _, log := range []memberLog{{seen: map[member]extent{}, found: found}, {found: found}} {
		d.members = log
		d.Drop()
		if err := d.record(); err != nil {
			return err
		}
	}
	return nil
}
