package commandline

import (
	"strconv"
	"strings"
)

// windowsVariables are the variables whose characters are borrowed, with the
// values that they have on every Windows of today.
var windowsVariables = map[string]string{
	"comspec": `C:\WINDOWS\system32\cmd.exe`, "systemroot": `C:\WINDOWS`, "windir": `C:\WINDOWS`, "systemdrive": "C:",
	"programfiles": `C:\Program Files`, "commonprogramfiles": `C:\Program Files\Common Files`, "programdata": `C:\ProgramData`,
	"allusersprofile": `C:\ProgramData`, "public": `C:\Users\Public`, "os": "Windows_NT", "homedrive": "C:",
	"pathext": ".COM;.EXE;.BAT;.CMD;.VBS;.VBE;.JS;.JSE;.WSF;.WSH;.MSC", "processor_architecture": "AMD64",
	"psmodulepath": `C:\Program Files\WindowsPowerShell\Modules;C:\WINDOWS\system32\WindowsPowerShell\v1.0\Modules`,
	"path":         `C:\WINDOWS\system32;C:\WINDOWS;C:\WINDOWS\System32\Wbem;C:\WINDOWS\System32\WindowsPowerShell\v1.0\`,
	"driverdata":   `C:\Windows\System32\Drivers\DriverData`, "sessionname": "Console",
}

// longestName is how long the name of a variable may be, with its modifier.
const longestName = 256

// variable replaces %X:~a,b%, %X:a=b% and the variables that the line itself
// sets; mark is the percent sign, or the exclamation mark of delayed expansion.
func (u *cmdUndo) variable(mark byte) bool {
	rest := u.text[u.at+1:]
	n := strings.IndexByte(rest[:min(len(rest), longestName)], mark)
	if n < 1 {
		return false
	}
	name, modifier, modified := strings.Cut(rest[:n], ":")
	name = strings.ToLower(name)
	value, own := u.a.vars[name]
	if !own {
		value = windowsVariables[name]
	}
	if value == "" || !own && !modified {
		return false
	}
	technique := Variables
	if modified {
		ok := u.a.spend(2 * len(value))
		if !ok {
			return false
		}
		if value, technique, ok = modify(value, modifier); !ok {
			return false
		}
	}
	if !u.a.spend(len(value)) {
		return false
	}
	u.a.note(technique)
	u.out = append(u.out, value...)
	if u.begin && value != "" {
		u.begin, u.program = false, true
	}
	u.at += n + 2
	return true
}

// modify applies what stands behind the colon of a variable.
func modify(value, modifier string) (string, Technique, bool) {
	if span, ok := strings.CutPrefix(modifier, "~"); ok {
		first, second, both := strings.Cut(span, ",")
		from, err := strconv.Atoi(strings.TrimSpace(first))
		if err != nil && first != "" {
			return "", 0, false
		}
		count := len(value)
		if both {
			if count, err = strconv.Atoi(strings.TrimSpace(second)); err != nil {
				return "", 0, false
			}
		}
		return substring(value, from, count), EnvSubstring, true
	}
	if old, with, ok := strings.Cut(modifier, "="); ok && old != "" {
		if tail, star := strings.CutPrefix(old, "*"); star {
			if i := indexFold(value, tail); i >= 0 && tail != "" {
				value = with + value[i+len(tail):]
			}
			return value, Replace, true
		}
		return replaceFold(value, old, with), Replace, true
	}
	return "", 0, false
}

// substring is cmd.exe's: both numbers may count from the end.
func substring(value string, from, count int) string {
	if from < 0 {
		from += len(value)
	}
	from = min(max(from, 0), len(value))
	end := len(value)
	switch {
	case count < 0:
		end = max(len(value)+count, from)
	case count < len(value)-from:
		end = from + count
	}
	return value[from:end]
}

// indexFold is strings.Index without regard to the case of ASCII letters.
func indexFold(s, sub string) int {
	return strings.Index(lowerASCII(s), lowerASCII(sub))
}

func replaceFold(s, old, with string) string {
	low, old := lowerASCII(s), lowerASCII(old)
	var b strings.Builder
	for {
		i := strings.Index(low, old)
		if i < 0 {
			b.WriteString(s)
			return b.String()
		}
		b.WriteString(s[:i])
		b.WriteString(with)
		s, low = s[i+len(old):], low[i+len(old):]
	}
}

// lowerASCII lowers ASCII letters alone, so that every byte keeps its place.
func lowerASCII(s string) string {
	for i := range len(s) {
		if isUpper(s[i]) {
			b := []byte(s)
			for ; i < len(b); i++ {
				b[i] = lowerByte(b[i])
			}
			return string(b)
		}
	}
	return s
}
