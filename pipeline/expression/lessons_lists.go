package expression

func numberLessons() []lesson {
	return []lesson{
		{`a + b`, `arithmetic; also - * / % and ** (or ^); what is no number gives nothing, and is counted`, `bytes_out / bytes_in > 10`, `{"bytes_in":"5","bytes_out":"100"}`, `"true"`},
		{`num(a)`, `the number that a text is; float is the same`, `num(bytes)`, `{"bytes":"1e3"}`, `"1000"`},
		{`float(a)`, `another name of num`, `float(bytes)`, `{"bytes":"0010"}`, `"10"`},
		{`int(a)`, `without what is behind the point`, `int(duration)`, `{"duration":"7.9"}`, `"7"`},
		{`round(a)`, `to the nearest whole number`, `round(duration)`, `{"duration":"7.5"}`, `"8"`},
		{`ceil(a)`, `up to a whole number`, `ceil(duration)`, `{"duration":"7.1"}`, `"8"`},
		{`floor(a)`, `down to a whole number`, `floor(duration)`, `{"duration":"-7.1"}`, `"-8"`},
		{`abs(a)`, `without its sign`, `abs(offset)`, `{"offset":"-3"}`, `"3"`},
		{`max(a, …)`, `the greatest of all values`, `max(bytes, 10)`, `{"bytes":["7","30"]}`, `"30"`},
		{`min(a, …)`, `the least of all values`, `min(bytes)`, `{"bytes":["7","30"]}`, `"7"`},
		{`sum(a, …)`, `their sum`, `sum(bytes)`, `{"bytes":["7","30"]}`, `"37"`},
		{`mean(a, …)`, `their mean`, `mean(bytes)`, `{"bytes":["7","30"]}`, `"18.5"`},
		{`median(a, …)`, `their median`, `median(bytes)`, `{"bytes":["7","30","8"]}`, `"8"`},
		{`bitand(a, b)`, `bits that are in both`, `bitand(access, 16) > 0`, `{"access":"1048592"}`, `"true"`},
		{`bitor(a, b)`, `bits that are in either`, `bitor(flags, 1)`, `{"flags":"4"}`, `"5"`},
		{`bitxor(a, b)`, `bits that are in one alone`, `bitxor(flags, 5)`, `{"flags":"4"}`, `"1"`},
		{`bitnand(a, b)`, `bits of a that are not in b`, `bitnand(flags, 4)`, `{"flags":"5"}`, `"1"`},
		{`bitnot(a)`, `every bit turned`, `bitnot(flags)`, `{"flags":"0"}`, `"-1"`},
		{`bitshl(a, n)`, `shifted to the left`, `bitshl(flags, 2)`, `{"flags":"1"}`, `"4"`},
		{`bitshr(a, n)`, `shifted to the right, keeping the sign`, `bitshr(flags, 1)`, `{"flags":"-4"}`, `"-2"`},
		{`bitushr(a, n)`, `shifted to the right, of 64 bits`, `bitushr(flags, 2)`, `{"flags":"12"}`, `"3"`},
	}
}

func listLessons() []lesson {
	return []lesson{
		{`a[n]`, `the value at a place, from 0; below 0 from the end`, `user[-1]`, `{"user":["ann","bob"]}`, `"bob"`},
		{`get(a, n)`, `the same as a function`, `get(user, 0)`, `{"user":["ann","bob"]}`, `"ann"`},
		{`first(a)`, `the first value`, `first(user)`, `{"user":["ann","bob"]}`, `"ann"`},
		{`last(a)`, `the last value`, `last(user)`, `{"user":["ann","bob"]}`, `"bob"`},
		{`take(a, n)`, `the first n values`, `take(user, 1)`, `{"user":["ann","bob"]}`, `"ann"`},
		{`count(a)`, `the number of values, 0 for an empty field`, `count(user) > 1`, `{"user":["ann","bob"]}`, `"true"`},
		{`uniq(a)`, `every value once`, `uniq(user)`, `{"user":["ann","bob","ann"]}`, `["ann","bob"]`},
		{`sort(a)`, `in order, numbers by size; "desc" behind it turns it around`, `sort(port, "desc")`, `{"port":["80","443","9"]}`, `["443","80","9"]`},
		{`reverse(a)`, `the other way round`, `reverse(user)`, `{"user":["ann","bob"]}`, `["bob","ann"]`},
		{`concat(a, b, …)`, `one list of several`, `concat(src_ip, dest_ip)`, `{"src_ip":"10.0.0.1","dest_ip":["10.0.0.2","10.0.0.3"]}`, `["10.0.0.1","10.0.0.2","10.0.0.3"]`},
		{`flatten(a)`, `one list of lists`, `flatten([["a"], ["b", "c"]])`, `{}`, `["a","b","c"]`},
	}
}

func loopLessons() []lesson {
	return []lesson{
		{`any(a, …)`, `the condition holds for any value #`, `any(url, # startsWith "http:" and # endsWith ".exe")`, `{"url":["https://a.example/x.exe","http://b.example/y.exe"]}`, `"true"`},
		{`all(a, …)`, `it holds for every value, or there is none`, `all(url, # startsWith "https:")`, `{"url":["https://a.example/","http://b.example/"]}`, `"false"`},
		{`none(a, …)`, `it holds for no value`, `none(user, # endsWith "$")`, `{"user":["ann","bob"]}`, `"true"`},
		{`one(a, …)`, `it holds for exactly one value`, `one(user, # endsWith "$")`, `{"user":["ann","WS1$"]}`, `"true"`},
		{`count(a, …)`, `for how many it holds`, `count(port, # < 1024)`, `{"port":["80","443","8080"]}`, `"2"`},
		{`filter(a, …)`, `the values for which it holds`, `filter(user, # not endsWith "$")`, `{"user":["ann","WS1$"]}`, `"ann"`},
		{`find(a, …)`, `the first value for which it holds`, `find(port, # > 100)`, `{"port":["80","443","8080"]}`, `"443"`},
		{`findLast(a, …)`, `the last one`, `findLast(port, # > 100)`, `{"port":["80","443","8080"]}`, `"8080"`},
		{`findIndex(a, …)`, `its place, from 0`, `findIndex(port, # > 100)`, `{"port":["80","443","8080"]}`, `"1"`},
		{`findLastIndex(a, …)`, `the place of the last one`, `findLastIndex(port, # > 100)`, `{"port":["80","443","8080"]}`, `"2"`},
		{`map(a, …)`, `what is made of each value; #index is its place`, `map(user, lower(#))`, `{"user":["Ann","Bob"]}`, `["ann","bob"]`},
		{`sum(a, …)`, `the sum of what is made of each`, `sum(bytes, # * 8)`, `{"bytes":["1","2"]}`, `"24"`},
		{`reduce(a, …)`, `what is gathered in #acc from value to value, with a start behind it`, `reduce(port, #acc + "," + #)`, `{"port":["80","x"]}`, `"80,x"`},
	}
}
