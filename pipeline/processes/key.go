package processes

import (
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"strings"
	"time"
)

// Bounds on what is written of one process.
const (
	MaxPathLevels = 32   // levels in a path
	MaxPathBytes  = 1024 // bytes of names in a path
	maxKeyName    = 512  // bytes of its name in a key
	maxKeyPID     = 64   // bytes of its id in a key
)

// keyPrecision is what the times in keys are rounded to.
const keyPrecision = 10 * time.Microsecond

const keyTime = "2006-01-02 15:04:05.000000"

func foldName(s string) string { return strings.ToLower(s) }

// process returns what was recorded of a node: of an inferred parent its first
// child, of what was recorded twice the first record.
func (f *Forest) process(node int) *Process {
	n := &f.Nodes[node]
	if n.Duplicate != None {
		return &f.procs[n.Duplicate]
	}
	return &f.procs[n.Process]
}

// Name returns the name of a node's process, PID its id, both as recorded.
// Those of an inferred parent are what its first child says.
func (f *Forest) Name(node int) string {
	if f.Nodes[node].Inferred {
		return parentName(f.process(node))
	}
	return f.process(node).Name
}

// PID returns the id of a node's process, see [Forest.Name].
func (f *Forest) PID(node int) string {
	if f.Nodes[node].Inferred {
		return f.process(node).ParentPID
	}
	return f.process(node).PID
}

// Key returns MSTICPy's proc_key of a node: name, id and time, the last in UTC
// and rounded to 10 µs; an inferred parent has the time 0.
func (f *Forest) Key(node int) string {
	name, pid := f.bounded(foldName(f.Name(node)), maxKeyName), f.bounded(f.PID(node), maxKeyPID)
	at := time.Unix(0, 0)
	if !f.Nodes[node].Inferred {
		at = roundEven(f.process(node).Time)
	}
	buf := make([]byte, 0, len(name)+len(pid)+len(keyTime)+2)
	buf = append(append(append(append(buf, name...), '|'), pid...), '|')
	return string(at.UTC().AppendFormat(buf, keyTime))
}

// bounded cuts a text that is too long; a hash of the whole still tells it from
// others.
func (f *Forest) bounded(s string, most int) string {
	if len(s) <= most {
		return s
	}
	f.Cut++
	sum := sha256.Sum256([]byte(s))
	return strings.ToValidUTF8(s[:most-17], "") + "~" + hex.EncodeToString(sum[:8])
}

// roundEven rounds to keyPrecision, halves to the even neighbour as pandas does.
func roundEven(t time.Time) time.Time {
	rounded := t.Round(keyPrecision) // halves up
	if rounded.Sub(t) == keyPrecision/2 && rounded.Nanosecond()/int(keyPrecision)%2 == 1 {
		return rounded.Add(-keyPrecision)
	}
	return rounded
}

// ID returns 16 hex digits that name a node's process the same way whenever its
// record is read again: a hash of its group and its GUID, or else of its key.
func (f *Forest) ID(node int, key string) string {
	p := f.process(node)
	guid := p.GUID
	if f.Nodes[node].Inferred {
		guid = p.ParentGUID
	}
	if guid != "" {
		key = foldName(guid)
	}
	buf := strconv.AppendInt(make([]byte, 0, 256), int64(len(p.Group)), 10)
	buf = append(append(append(buf, ':'), p.Group...), key...)
	sum := sha256.Sum256(buf)
	return hex.EncodeToString(sum[:8])
}
