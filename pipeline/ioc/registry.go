package ioc

// hives are the roots of the registry, in small letters.
var hives = [...]string{
	"hklm", "hkcu", "hkcr", "hku", "hkcc",
	"hkey_local_machine", "hkey_current_user", "hkey_classes_root", "hkey_users", "hkey_current_config",
}

// hiveStart returns where the hive starts that ends before the backslash at i,
// with or without a colon (HKLM:\ in PowerShell); -1 if there is none.
func hiveStart(t string, i int) int {
	if before(t, i) == ':' {
		i--
	}
	switch lower(before(t, i)) { // most words before a backslash are none
	case 'm', 'u', 'r', 'c', 'e', 't', 's', 'g':
	default:
		return -1
	}
	for _, h := range hives {
		start := i - len(h)
		if !hasFold(t, start, h) {
			continue
		}
		prev := before(t, start)
		if isWord(prev) && !afterEscape(t, start) || prev == '\\' && !hasFold(t, start-len(`computer\`), `computer\`) || prev == '-' || prev == '.' {
			return -1
		}
		return start
	}
	return -1
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
