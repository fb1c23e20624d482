package commandline

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func names(s TechniqueSet) (all []string) {
	for t := range s.All {
		all = append(all, t.String())
	}
	return all
}

// TestReadable: what hides a command is undone, and nothing else.
func TestReadable(t *testing.T) {
	for _, c := range []struct {
		text, want string
		techniques []string
	}{
		// cmd.exe
		{`cmd /c p^o^w^ershell -nop`, `cmd /c powershell -nop`, []string{"caret"}},
		{`cmd /c "w^hoa^mi"`, `cmd /c "whoami"`, []string{"caret"}},
		{`cmd /c echo a ^& b ^| c ^> d`, `cmd /c echo a ^& b ^| c ^> d`, nil},
		{`findstr /r "^root" file`, `findstr /r "^root" file`, nil},
		{`po""wers"hel"l -nop`, `powershell -nop`, []string{"quotes"}},
		{`cmd /c "C:\Program Files\a b.exe" "x y"`, `cmd /c "C:\Program Files\a b.exe" "x y"`, nil},
		{`app.exe --name="x" /i:"y z" "C:\d\"`, `app.exe --name="x" /i:"y z" "C:\d\"`, nil},
		{`sc failure a command= "\"c:\x.exe\""`, `sc failure a command= "\"c:\x.exe\""`, nil},
		{`cmd /c %COMSPEC:~-7,3% /c dir`, `cmd /c cmd /c dir`, []string{"env_substring"}},
		{`cmd /c %ProgramFiles:~3,4% x`, `cmd /c Prog x`, []string{"env_substring"}},
		{`cmd /c echo %PATH:;=,%`, `cmd /c echo C:\WINDOWS\system32,C:\WINDOWS,C:\WINDOWS\System32\Wbem,C:\WINDOWS\System32\WindowsPowerShell\v1.0\`, []string{"replace"}},
		{`cmd /c echo %USERNAME:~0,1% 100% done`, `cmd /c echo %USERNAME:~0,1% 100% done`, nil},
		{`cmd /c "set a=cal&&set b=c.exe&&call %a%%b%"`, `cmd /c "set a=cal&&set b=c.exe&&call calc.exe"`, []string{"variables"}},
		{`cmd /v:on /c "set x=whoami&!x!"`, `cmd /v:on /c "set x=whoami&whoami"`, []string{"variables"}},
		{`,;cmd,/c,calc`, `cmd /c,calc`, []string{"separators"}},
		// PowerShell
		{"I`E`X 'a b'", "IEX 'a b'", []string{"backtick"}},
		{"\"a`tb`n\"", "\"a`tb`n\"", nil},
		{`$x = 'Down' + 'load' + "String"`, `$x = 'DownloadString'`, []string{"concat"}},
		{`foo $y + 'a' + 'b'`, `foo $y + 'a' + 'b'`, nil}, // no shell is told
		{`Write-Host ("{1}{0}" -f 'b','a')`, `Write-Host ('ab')`, []string{"format"}},
		{`Write-Host ("{0}{{}}" -f 'b')`, `Write-Host ('b{}')`, []string{"format"}},
		{`Write-Host ('a'+'{0}' -f 'b')`, `Write-Host ('ab')`, []string{"concat", "format"}},
		{`$z = -join ('a','b','c')`, `$z = 'abc'`, []string{"join"}},
		{`$z = ('cba'[-1..-3] -join '')`, `$z = ('abc')`, []string{"join"}},
		{`$S=0..255;0..255|%{$J=$_+$S[1..3]}`, `$S=0..255;0..255|%{$J=$_+$S[1..3]}`, nil}, // no numbers in place of a range
		{`$z = 'a-b' -split '-'`, `$z = 'a','b'`, []string{"join"}},
		{`$z = 'Xalc'.Replace('X','c').ToUpper()`, `$z = 'CALC'`, []string{"replace", "case"}},
		{`$z = 'xaly' -replace 'X','c' -replace 'y','c'`, `$z = 'calc'`, []string{"replace"}},
		{`$z = 'a.b' -replace '.','c'`, `$z = 'a.b' -replace '.','c'`, nil}, // a regular expression
		{`$z = [char]73+[char]0x45+[char]88`, `$z = 'IEX'`, []string{"concat", "char_code"}},
		{`$z = [string]::join('',([char[]](105,101,120)))`, `$z = 'iex'`, []string{"join", "char_code"}},
		{`$z = (105,101,120|%{[char]$_}) -join ''`, `$z = 'iex'`, []string{"join", "char_code"}},
		{`$z = ('104-105'.split('-')|foreach-object{[char]([int]$_ -bxor 0)}) -join ''`, `$z = 'hi'`, []string{"join", "char_code"}},
		{`$z = ('68 69' -split ' ' | % {[char]([convert]::toint16($_,16))}) -join ''`, `$z = 'hi'`, []string{"join", "char_code"}},
		{`& ($env:comspec[4,15,25] -join '') 'x'`, `& Iex 'x'`, []string{"join", "env_substring"}},
		{`.($pshome[4]+$pshome[30]+'x') 'x'`, `.iex 'x'`, []string{"concat", "env_substring"}},
		{`$e = $verbosepreference.tostring()[1,3]+'x' -join ''`, `$e = 'iex'`, []string{"concat", "join", "env_substring"}},
		{`$q=1; $x -join '' + 'a'; $y[1] -split '-'`, `$q=1; $x -join 'a'; $y[1] -split '-'`, []string{"concat"}},
		{`$a='whoa'; $b='mi'; & ($a+$b)`, `$a='whoa'; $b='mi'; & whoami`, []string{"concat", "variables"}},
		{`cmd /c "set x=Write-Host hi&& powershell -c iex $env:x"`, `cmd /c "set x=Write-Host hi&& powershell -c iex Write-Host hi"`, []string{"variables"}},
		{`cmd /c "set a=b&& powershell -c iex $a"`, `cmd /c "set a=b&& powershell -c iex $a"`, nil},
		{`$o.Get('am'+'si','b'+'c'); $o.Get($z,'am'+'si','b'+'c')`, `$o.Get('amsi','bc'); $o.Get($z,'amsi','bc')`, []string{"concat"}},
		{`$o.Get(('a','b'+'c'), ('d'+'e'))`, `$o.Get(('a','b','c'), ('de'))`, []string{"concat"}}, // a comma binds tighter
		{`$a='x'; $a=Get-Date; & ($a+'y')`, `$a='x'; $a=Get-Date; & ($a+'y')`, nil},
		{`IEX ('Write-'+'Host "hi"')`, `IEX Write-Host "hi"`, []string{"concat"}},
		{`('Write-'+'Host (''h''+''i'')') | iex`, `Write-Host ('hi') | iex`, []string{"concat"}},
		{`$x.('Down'+'loadFile').Invoke('u')`, `$x.DownloadFile.Invoke('u')`, []string{"concat"}},
		{`Write-Host 'it''s' + ’a’`, `Write-Host 'it''sa'`, []string{"concat"}},
		{`powershell –EncodedCommand aQBlAHgA`, `powershell -EncodedCommand aQBlAHgA`, []string{"dash", "base64"}},
		{`pOwErShElL -c "gEt-pRoCeSs"`, `powershell -c "Get-Process"`, []string{"case"}},
		{`PowerShell -Command Get-WmiObject`, `PowerShell -Command Get-WmiObject`, nil},
		// POSIX
		{`sh -c 'w"h"oami'`, `sh -c 'whoami'`, []string{"quotes"}},
		{`/bin/c\at /etc/pas's'wd`, `/bin/cat /etc/passwd`, []string{"quotes", "escape"}},
		{`w'h'oami`, `whoami`, []string{"quotes"}},
		{`bash -c "{echo,aWQ=}|{base64,-d}|{bash,-i}"`, `bash -c "echo aWQ=|base64 -d|bash -i"`, []string{"whitespace", "base64"}},
		{`cp /etc/{hosts,passwd} /tmp/`, `cp /etc/{hosts,passwd} /tmp/`, nil},
		{`powershell -c "$c='{\"a\":1}'"`, `powershell -c "$c='{\"a\":1}'"`, nil},
		{`cat${IFS}/etc/hosts`, `cat /etc/hosts`, []string{"whitespace"}},
		{`a=who;b=ami;$a$b`, `a=who;b=ami;whoami`, []string{"variables"}},
		{`/bin/sh -c $'\x69\144'`, `/bin/sh -c id`, []string{"char_code"}},
		{`grep -E 'a\d+' "x y" /etc/hosts`, `grep -E 'a\d+' "x y" /etc/hosts`, nil},
		{`wh$@oami > /tmp/x`, `whoami > /tmp/x`, []string{"variables"}},
	} {
		got := New(DefaultLimits()).Analyze(c.text, Unknown)
		if got.Readable != c.want {
			t.Errorf("%s\ngot  %s\nwant %s (%s)", c.text, got.Readable, c.want, got.Dialect)
		}
		have := names(got.Techniques)
		slices.Sort(have)
		slices.Sort(c.techniques)
		if diff := cmp.Diff(c.techniques, have); diff != "" {
			t.Errorf("%s (- wanted, + got):\n%s", c.text, diff)
		}
	}
}
