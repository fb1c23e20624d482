package configs

import (
	"fmt"
	"reflect"
)

// redacted is all that a secret ever prints.
const redacted = "<secret>"

// A Secret stands for a password or token. It holds a reference to it, never
// the thing itself (but for [Static]), and prints as <secret>, under every
// verb of fmt, as JSON, text and YAML, and in logs. Even where fmt cannot call
// methods, in unexported fields, it finds only a pointer.
//
// In a file a secret is one of
//
//	credential:NAME           a file NAME in $CREDENTIALS_DIRECTORY, as systemd passes it
//	file:PATH                 a file that others can neither read nor change (mode 0640 at most)
//	env:NAME                  a variable of the environment
//	exec:[PROGRAM, ARG, …]    what a program prints: the secret, or JSON {"token": "…"}
//
// The zero Secret, and a nil one, is none.
type Secret struct {
	from **reference // fmt follows a pointer to a struct, not one to a pointer
}

// Static makes a secret of a value at hand, for tests and for what runs in one
// process. Files cannot hold one.
func Static(value string) *Secret {
	ref := &reference{scheme: schemeStatic, target: value}
	return &Secret{&ref}
}

// IsZero reports whether there is no secret.
func (s *Secret) IsZero() bool { return s == nil || s.from == nil }

// Reference says where the secret is kept, which is none itself: for messages
// to people. Of an exec it names the program alone.
func (s *Secret) Reference() string {
	if s.IsZero() {
		return ""
	}
	return (*s.from).String()
}

// Format prints <secret>.
func (Secret) Format(f fmt.State, _ rune) { fmt.Fprint(f, redacted) }

// String returns <secret>.
func (Secret) String() string { return redacted }

// GoString returns <secret>.
func (Secret) GoString() string { return redacted }

// MarshalText writes <secret>.
func (Secret) MarshalText() ([]byte, error) { return []byte(redacted), nil }

// MarshalJSON writes "<secret>".
func (Secret) MarshalJSON() ([]byte, error) { return []byte(`"` + redacted + `"`), nil }

// MarshalYAML writes <secret>.
func (Secret) MarshalYAML() (any, error) { return redacted, nil }

// secret reads a reference; what else may stand there is not repeated, as it
// is most likely the secret itself.
func (d *decoder) secret(n *Node, v reflect.Value, name string) {
	ref, err := parseReference(n)
	if err != nil {
		d.refuse(n, "%s %w", name, err)
		return
	}
	v.Set(reflect.ValueOf(Secret{&ref}))
}
