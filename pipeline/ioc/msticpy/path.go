package msticpy

import (
	"strings"

	"github.com/huntd/huntd/pipeline/ioc"
)

// windowsPaths finds a root (a drive, a server, dots, or nothing), a backslash,
// folders that may hold blanks, and the last part.
func (s *Scanner) windowsPaths() {
	t := s.text
	low := 0 // the end of the path before
	for i := 0; i < len(t); {
		n := strings.IndexByte(t[i:], '\\')
		if n < 0 {
			return
		}
		p := i + n
		file, skip := lastFolder(t, p)
		if file < 0 {
			i = skip
			continue
		}
		end := file
		for end < len(t) && isPart(t[end], winFile) {
			end++
		}
		s.add(ioc.WindowsPath, windowsRoot(t, low, p), end)
		low, i = end, end
	}
}

// lastFolder returns where the last part of the path starts whose folders start
// with the backslash at p: behind the last backslash that something can follow.
// If there is none, it is -1, and no backslash before skip has one.
func lastFolder(t string, p int) (file, skip int) {
	end := p + 1
	for end < len(t) && isPart(t[end], winPart) {
		end++
	}
	for b := end - 1; b >= p; b-- {
		if t[b] == '\\' && b+1 < len(t) && isPart(t[b+1], winFile) {
			if b == p+1 { // no folder stands between the two
				return -1, b
			}
			return b + 1, 0
		}
	}
	return -1, end
}

// windowsRoot returns where the root before the backslash at p starts, not
// before low.
func windowsRoot(t string, low, p int) int {
	if p-2 >= low && t[p-1] == ':' && is(t[p-2], letter) {
		return p - 2
	}
	for p > low && t[p-1] == '.' {
		p--
	}
	return p
}

// linuxPaths finds a root (slashes, dots, or nothing), a slash, folders that may
// hold blanks, and the last part.
func (s *Scanner) linuxPaths() {
	t := s.text
	low := 0
	for i := 0; i < len(t); {
		n := strings.IndexByte(t[i:], '/')
		if n < 0 {
			return
		}
		p := i + n
		for at(t, p+1) == '/' {
			p++
		}
		file, skip := lastUnixFolder(t, p)
		if file < 0 {
			i = skip
			continue
		}
		end := file
		for end < len(t) && isPart(t[end], unixFile) {
			end++
		}
		s.add(ioc.LinuxPath, linuxRoot(t, low, p), end)
		low, i = end, end
	}
}

// linuxRoot returns where the root before the slash at p starts, not before low.
// Dots go before one slash only.
func linuxRoot(t string, low, p int) int {
	start := p
	for start > low && t[start-1] == '/' {
		start--
	}
	if start < p {
		return start
	}
	for start > low && t[start-1] == '.' {
		start--
	}
	return start
}

// lastUnixFolder is what lastFolder is, for slashes.
func lastUnixFolder(t string, p int) (file, skip int) {
	file = -1
	for {
		if p++; p < len(t) && isPart(t[p], unixFile) {
			file = p
		}
		end := p
		for end < len(t) && isPart(t[end], unixPart) {
			end++
		}
		if end == p || at(t, end) != '/' {
			return file, p
		}
		p = end
	}
}
