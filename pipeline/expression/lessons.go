package expression

func comparingLessons() []lesson {
	return []lesson{
		{`a == b`, `equal, as numbers where both are`, `port == 80`, `{"port":"080"}`, `"true"`},
		{`a != b`, `the opposite of ==: no value is equal`, `user != "ann"`, `{"user":["ann","bob"]}`, `"false"`},
		{`a < b`, `below; also <= > >=; a number has no order with what is none`, `1000 <= bytes < 2000`, `{"bytes":"1500"}`, `"true"`},
		{`a in [b, c]`, `one of several; also not in, and a..b for whole numbers`, `port in [22, 3389] or port in 5900..5999`, `{"port":"5901"}`, `"true"`},
		{`a contains b`, `a part of the text, minding capitals; also not contains`, `CommandLine contains "-enc"`, `{"CommandLine":"powershell -enc SQBF"}`, `"true"`},
		{`a startsWith b`, `how the text begins`, `path startsWith "/tmp/"`, `{"path":"/tmp/x"}`, `"true"`},
		{`a endsWith b`, `how the text ends`, `user endsWith "$"`, `{"user":"WS01$"}`, `"true"`},
		{`a matches b`, `a regular expression finds something; (?i) leaves capitals aside`, `file matches "(?i)\\.(hta|vbs)$"`, `{"file":"Invoice.HTA"}`, `"true"`},
		{`has(f)`, `the record has the field, be it empty`, `has(user) and user == ""`, `{"user":""}`, `"true"`},
		{`a ?? b`, `b where a is empty`, `user ?? src_user`, `{"src_user":"ann"}`, `"ann"`},
		{`coalesce(a, b, …)`, `the first that is not empty`, `coalesce(user, src_user, "-")`, `{"host":"ws1"}`, `"-"`},
		{`type(a)`, `string, array, float, int, bool, map or nil`, `type(user)`, `{"user":["ann","bob"]}`, `"array"`},
	}
}

func textLessons() []lesson {
	return []lesson{
		{`len(a)`, `the number of characters; of several values, their number`, `len(user) > 0`, `{"user":"ann"}`, `"true"`},
		{`lower(a)`, `small letters`, `lower(Image) endsWith "\\cmd.exe"`, `{"Image":"C:\\Windows\\CMD.EXE"}`, `"true"`},
		{`upper(a)`, `capitals`, `upper(user)`, `{"user":"ann"}`, `"ANN"`},
		{`string(a)`, `the text of a value`, `string(1 == 1)`, `{}`, `"true"`},
		{`a + b`, `one text of two, unless both are numbers`, `host + "/" + user`, `{"host":"ws1","user":"ann"}`, `"ws1/ann"`},
		{`a[m:n]`, `a part of the text, by characters; below 0 from its end`, `hash[:4]`, `{"hash":"d41d8cd9"}`, `"d41d"`},
		{`trim(a)`, `without blanks at both ends, or without the characters given`, `trim(user, "'")`, `{"user":"'ann'"}`, `"ann"`},
		{`trimPrefix(a, b)`, `without b at its beginning`, `trimPrefix(user, "CORP\\")`, `{"user":"CORP\\ann"}`, `"ann"`},
		{`trimSuffix(a, b)`, `without b at its end`, `trimSuffix(host, ".corp.example")`, `{"host":"ws1.corp.example"}`, `"ws1"`},
		{`replace(a, b, c)`, `c in place of every b; a mebibyte at most`, `replace(CommandLine, "^", "")`, `{"CommandLine":"po^wer^shell"}`, `"powershell"`},
		{`repeat(a, n)`, `n times the text; a mebibyte at most`, `repeat("ab", 2)`, `{}`, `"abab"`},
		{`split(a, b)`, `the pieces between every b`, `split(path, "/")`, `{"path":"usr/bin"}`, `["usr","bin"]`},
		{`splitAfter(a, b)`, `the pieces, each with the b behind it`, `splitAfter(path, "/")`, `{"path":"usr/bin"}`, `["usr/","bin"]`},
		{`join(a, b)`, `one text of several values, with b between; a mebibyte at most`, `join(user, ", ")`, `{"user":["ann","bob"]}`, `"ann, bob"`},
		{`indexOf(a, b)`, `the byte, from 0, at which b begins; -1 for none`, `indexOf(user, "@")`, `{"user":"ann@corp"}`, `"3"`},
		{`lastIndexOf(a, b)`, `the same of the last b`, `lastIndexOf(path, "/")`, `{"path":"/usr/bin"}`, `"4"`},
		{`hasPrefix(a, b)`, `startsWith as a function`, `hasPrefix(path, ["/tmp/", "/dev/shm/"])`, `{"path":"/tmp/x"}`, `"true"`},
		{`hasSuffix(a, b)`, `endsWith as a function`, `hasSuffix(file, [".hta", ".vbs"])`, `{"file":"x.vbs"}`, `"true"`},
		{`entropy(a)`, `Shannon's entropy in bits a byte, 0 to 8: names made by machines have much`, `entropy(query) > 3`, `{"query":"kq3v9xz1w7"}`, `"true"`},
	}
}

func patternLessons() []lesson {
	return []lesson{
		{`cidr(a, net, …)`, `an address in one of the networks, which are written out; in_cidr is the same`, `cidr(dest_ip, "10.0.0.0/8", "fc00::/7")`, `{"dest_ip":"10.1.2.3"}`, `"true"`},
		{`in_cidr(a, net, …)`, `another name of cidr`, `in_cidr(ip, "192.0.2.0/24")`, `{"ip":["198.51.100.1","192.0.2.9"]}`, `"true"`},
		{`glob(a, p, …)`, `the whole text is like one of the patterns, capitals or not: * is any text, ? one character`, `glob(Image, "*\\powershell.exe", "*\\pwsh.exe")`, `{"Image":"C:\\PS\\PowerShell.exe"}`, `"true"`},
		{`extract(a, re)`, `what the first group of a regular expression finds first, or the whole where it has no group`, `extract(CommandLine, "-p\\s+(\\S+)")`, `{"CommandLine":"psexec -u ann -p secret"}`, `"secret"`},
		{`extractAll(a, re)`, `the same of everything it finds`, `extractAll(CommandLine, "[0-9]+")`, `{"CommandLine":"nc 80 443"}`, `["80","443"]`},
	}
}

func codeLessons() []lesson {
	return []lesson{
		{`json(a, path)`, `a part of JSON; a path is made of names, ["odd name"], [n] (below 0 from the end) and [*] (every one)`, `json(_raw, "user.groups[*].name")`, `{"_raw":"{\"user\":{\"groups\":[{\"name\":\"adm\"},{\"name\":\"dev\"}]}}"}`, `["adm","dev"]`},
		{`fromJSON(a)`, `what JSON holds, to go on with`, `fromJSON(_raw).user.id`, `{"_raw":"{\"user\":{\"id\":7}}"}`, `"7"`},
		{`toJSON(a)`, `the JSON of a value`, `toJSON(user)`, `{"user":["ann","bob"]}`, `"[\"ann\",\"bob\"]"`},
		{`fromBase64(a)`, `what base64 holds, of either alphabet, padded or not; for UTF-16 and layers there is the stage unpack_base64`, `fromBase64(cookie)`, `{"cookie":"YWRtaW4"}`, `"admin"`},
		{`toBase64(a)`, `the base64 of a text`, `toBase64(user)`, `{"user":"admin"}`, `"YWRtaW4="`},
		{`fromHex(a)`, `what hexadecimal digits hold`, `fromHex(data)`, `{"data":"636d64"}`, `"cmd"`},
		{`fromURL(a)`, `%xx taken back`, `fromURL(uri)`, `{"uri":"/%2e%2e/etc"}`, `"/../etc"`},
		{`md5(a)`, `the MD5 of a text, in hexadecimal`, `md5(user)`, `{"user":"ann"}`, `"7e0d7f8a5d96c24ffcc840f31bce72b2"`},
		{`sha1(a)`, `the SHA-1`, `sha1(user)[:8]`, `{"user":"ann"}`, `"744cb9a9"`},
		{`sha256(a)`, `the SHA-256`, `sha256(user)[:8]`, `{"user":"ann"}`, `"49915e0d"`},
	}
}

func timeLessons() []lesson {
	return []lesson{
		{`hour(t, zone)`, `the hour of the day, 0 to 23, in a zone of the IANA database, by default UTC`, `hour(_time, "Europe/Berlin") not in 7..18`, `{"_time":"2026-01-02T22:30:00Z"}`, `"true"`},
		{`weekday(t, zone)`, `the day of the week, in English`, `weekday(_time, "Europe/Berlin") in ["Saturday", "Sunday"]`, `{"_time":"2026-01-02T23:30:00Z"}`, `"true"`},
		{`day(t, zone)`, `the date, as 2026-01-31`, `day(_time, "Europe/Berlin")`, `{"_time":"2026-01-02T23:30:00Z"}`, `"2026-01-03"`},
		{`age(t)`, `how many seconds a time lies before the record's own _time`, `age(created) < 3600`, `{"_time":"1767225600","created":"1767225000"}`, `"true"`},
		{`bucket(t, span)`, `the beginning, in epoch seconds, of the span that a time lies in; counted from 1970, in UTC`, `bucket(_time, "5m")`, `{"_time":"1767225723"}`, `"1767225600"`},
		{`date(a)`, `the epoch seconds of a date in one of many forms, or in the form given, which writes 2006-01-02 15:04:05`, `date(when, "02.01.2006")`, `{"when":"03.02.1970"}`, `"2851200"`},
		{`duration(a)`, `the seconds of a span of time`, `duration("1h30m")`, `{}`, `"5400"`},
	}
}
