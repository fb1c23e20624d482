package commandline

import "strings"

// words that are put into their usual case where they stand in a strange one.
var usual = func() map[string]string {
	m := map[string]string{}
	for _, w := range strings.Fields(`powershell pwsh cmd certutil bitsadmin regsvr32 rundll32 mshta wscript cscript wmic schtasks vssadmin wevtutil
		explorer start call echo function return foreach while param
		Invoke-Expression Invoke-WebRequest Invoke-RestMethod Invoke-Command Invoke-Item New-Object Start-Process Start-BitsTransfer Start-Sleep
		Start-Job Get-Content Set-Content Get-Item Get-ChildItem Set-Alias Get-Command Get-Variable Set-Variable Write-Host Write-Output
		ForEach-Object Where-Object Add-Type Out-File Out-String Set-ExecutionPolicy Set-MpPreference Add-MpPreference Import-Module
		ConvertTo-SecureString Get-WmiObject Invoke-WmiMethod Get-Process Stop-Process
		DownloadString DownloadFile DownloadData WebClient System Net IO Text Encoding Convert FromBase64String ToBase64String GetString
		GetBytes MemoryStream StreamReader DeflateStream GZipStream Compression CompressionMode Decompress ReadToEnd Assembly GetType GetField
		GetMethod SetValue Invoke Reflection Management Automation NonPublic Static ServicePointManager Headers Proxy Credentials
		DefaultNetworkCredentials EncodedCommand ExecutionPolicy WindowStyle NoProfile NonInteractive NoExit NoLogo Bypass Unrestricted Hidden
		Command UTF8 Unicode ASCII Replace Split Join ToString ToCharArray Substring`) {
		m[strings.ToLower(w)] = w
	}
	return m
}()

// longestUsual is the length of the longest of these words.
var longestUsual = func() (n int) {
	for w := range usual {
		n = max(n, len(w))
	}
	return n
}()

// longestStrange is how long a word may be to count as one: base64 is longer.
const longestStrange = 24

// restoreCase gives usual words their usual case if theirs changes more often
// than any name in camel case does.
func (a *Analyzer) restoreCase(text string) string {
	var out []byte
	from, strange := 0, 0 // strange: words that nobody writes like that
	for at := 0; at < len(text); {
		if !isLetter(text[at]) {
			at++
			continue
		}
		end, humps := at+1, 0
		for end < len(text) && (isWord(text[end]) || text[end] == '-' && end+1 < len(text) && isLetter(text[end+1])) {
			if humped(text, end) {
				humps++
			}
			end++
		}
		word := text[at:end]
		if humps >= 2 && len(word) <= longestUsual {
			if want, ok := usual[strings.ToLower(word)]; ok && humps > humpsOf(want)+1 {
				out = append(append(out, text[from:at]...), want...)
				from = end
				a.note(Case)
			} else if !ok && humps >= 3 && 4*humps >= len(word)-1 && len(word) >= 6 && len(word) <= longestStrange {
				strange++
			}
		}
		at = end
	}
	if strange >= 3 {
		a.note(Case)
	}
	if from == 0 {
		return text
	}
	return string(append(out, text[from:]...))
}

// humped reports whether a capital follows a small letter at i.
func humped(s string, i int) bool {
	return isUpper(s[i]) && isLetter(s[i-1]) && !isUpper(s[i-1])
}

func humpsOf(word string) int {
	n := 0
	for i := 1; i < len(word); i++ {
		if humped(word, i) {
			n++
		}
	}
	return n
}
