package ioc

import (
	"strings"

	"golang.org/x/net/publicsuffix"
)

// maxSuffix is the longest public suffix that is looked for; the longest ones
// that ICANN manages are names of towns in Norway, of 38 bytes.
const maxSuffix = 40

// tldCache remembers answers of the public suffix list. Each answer has one
// place that it can be in, so that hostile text makes the cache slow at worst,
// never large.
type tldCache [512]struct {
	key [maxSuffix]byte
	use use
}

// look returns what a label, or a whole name, means: with isSuffix if it is a
// public suffix that ICANN manages. What private companies lend out, such as
// github.io, is none: it has sites of its own.
func (c *tldCache) look(s string) use {
	if len(s) > maxSuffix {
		return 0
	}
	var key [maxSuffix]byte
	hash := uint32(2166136261) // FNV-1a
	for i := range len(s) {
		key[i] = lower(s[i])
		hash = (hash ^ uint32(key[i])) * 16777619
	}
	slot := &c[(hash^hash>>16)%uint32(len(c))]
	if slot.key != key {
		slot.key, slot.use = key, useOf(string(key[:len(s)]))
	}
	return slot.use
}

// useOf returns what the lower-case label or name means. A top-level domain
// need not be a suffix itself: all of Cambodia's names end in *.kh.
func useOf(s string) use {
	whole := s
	if strings.IndexByte(s, '.') < 0 {
		whole = "-." + s // a name that is on no list
	}
	suffix, icann := publicsuffix.PublicSuffix(whole)
	if !icann || len(suffix) < len(s) {
		return 0
	}
	return isSuffix | uses[s]
}
