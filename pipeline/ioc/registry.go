package ioc

// hives are the roots of the registry, in small letters.
var hives = [...]string{
	"hklm", "hkcu", "hkcr", "hku", "hkcc",
	"hkey_local_machine", "hkey_current_user", "hkey_classes_root", "hkey_users", "hkey_current_config",
}

// hivesBy holds the hives by their last letter.
var hivesBy = func() (by [256][]string) {
	for _, h := range hives {
		by[h[len(h)-1]] = append(by[h[len(h)-1]], h)
	}
	return by
}()

// hiveStart returns where the hive starts that ends before the backslash at i,
// with or without a colon (HKLM:\ in PowerShell); -1 if there is none.
func hiveStart(t string, i int) int {
	if before(t, i) == ':' {
		i--
	}
	for _, h := range hivesBy[lower(before(t, i))] {
		if start := i - len(h); hasFold(t, start, h) {
			if beginsHive(t, start) {
				return start
			}
			return -1
		}
	}
	return -1
}

// beginsHive reports whether a hive may begin at i, by what stands before it.
func beginsHive(t string, i int) bool {
	const computer = `computer\` // as the registry editor writes it
	prev := before(t, i)
	switch {
	case isWord(prev):
		return afterEscape(t, i)
	case prev == '\\':
		return hasFold(t, i-len(computer), computer)
	}
	return prev != '-' && prev != '.'
}

// hiveAt reports whether a hive begins at i.
func hiveAt(t string, i int) bool {
	for _, h := range hives {
		if end := i + len(h); hasFold(t, i, h) && (at(t, end) == '\\' || at(t, end) == ':') {
			return true
		}
	}
	return false
}
