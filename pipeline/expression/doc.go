// Package expression evaluates what hunters write behind keep, drop and set:
// expressions of github.com/expr-lang/expr over the fields of a record.
//
// The grammar is expr's. What its operators mean is not, because a record's
// fields are text, or lists of text, and any of them may be missing:
//
//   - A plain name is a field, whatever built-in has the same name; a name
//     with parentheses behind it is a function: count > 3 reads the field,
//     count(ports) calls the function.
//   - A dotted name is the field of that dotted name. Other names are reached
//     by $env["odd name"].
//   - An absent field is "".
//   - Two sides that both are numbers, be it as text, compare as numbers, and
//     exactly, however many digits they have. In every other case their texts
//     are compared; but what is a number by its nature, as 1000 and len(f) are,
//     has no order with what is none, so that neither bytes < 1000 nor
//     bytes > 1000 holds where bytes is absent or "n/a". True and false have
//     the texts "true" and "false".
//   - An operator holds for a field with several values if it holds for any
//     of them: ==, <, contains, startsWith, endsWith, matches, in and the
//     rest. A single value is a list of one: x in user is x == user. The one
//     exception is !=, which is the negation of ==, as not contains is that
//     of contains: x != "a" holds if no value of x is "a".
//   - len of a list is the number of its values, len of a text the number of
//     its characters; so len(f) > 0 asks whether there is anything in f.
//     f[0] is the first value, f[-1] the last one, "" where there is none;
//     f[0:4] cuts a text or a list.
//   - Arithmetic reads texts as numbers. + joins texts where one side is none.
//     What is no number, and a division by zero, gives nil, which equals "",
//     and is neither above nor below anything; [Evaluator.NotNumbers] counts
//     how often. A missing or odd value in one record must not end a hunt.
//   - Arithmetic and functions of a text take each value of a list in turn.
//   - Only true and false are true or false. A text in the place of a
//     condition is refused, when compiling if that can be known.
//   - a ?? b is a unless a is nil, "" or an empty list.
//   - cidr(f, "10.0.0.0/8", …) and glob(f, "*\\x.exe", …) hold if any value of f
//     is in one of the networks, or matches one of the patterns as a whole,
//     capitals or not. has(f) tells an empty field from an absent one.
//   - What is to be understood before the hunt runs is written out: networks,
//     patterns, the regular expression of extract, the path of json, the zone of
//     hour, the span of bucket. A mistake in one is told when compiling, and a
//     record cannot bring one of its own.
//
// [Reference] explains every operator and function by an example that is a test.
//
// Clock and machine are out of reach, so that a window hunted again gives the
// same: now is not offered, age is counted back from the record's own _time, and
// zones are those of the database in the program. Functions whose results have no
// order of their own (keys, groupBy and the like) are not either. Regular
// expressions are Go's (RE2): they take time in proportion to the text.
//
// # How it works
//
// expr parses. The tree is then rewritten: comparisons, and, or and not,
// arithmetic, functions, parts of a text or list, let, ?: and ??, any, all, filter,
// map and the like become Go closures over the batch. They pass values as they
// are, a number's text not written before somebody asks for it, and allocate
// nothing where the result is neither a new text nor a list. Whatever holds a part
// that has no closure (reduce, findLast, objects, #index) runs in expr's machine, its
// operators replaced by functions with the meaning above; those fetch fields and
// constants themselves, so that nothing is boxed for the machine. A field is
// looked up when it is first needed in a row, and no map of fields is ever built.
// Tests compare the two ways on thousands of made-up expressions.
//
// # Bounds
//
// An expression has at most 64 KiB and 8192 parts, so that neither the parser
// nor the rewriting goes without end. Lists combined with lists could make of
// one hostile record the work of hours: what the machine does for a record is
// charged to a budget of 2^26 values and bytes, and a record beyond it is an
// error. repeat, replace and join make no text above a mebibyte, .. no list of
// more than 2^20 numbers: nil comes of it, and counts as no number. What functions
// are given counts eight more a value. The slowest that was found
// spends 1 s on a record before that is an error, whatever the record's size: a
// list is sorted for each of its members.
//
// # Figures
//
// By BenchmarkCondition over records of twelve fields, on one core of an AMD EPYC
// (2026, Go 1.26) that was busy with other work most of the time, in millions of
// rows a second; none but the last two allocates. Of the first three, which were
// measured in the same runs, the busiest and the quietest:
//
//	two endsWith, a contains, a negated startsWith   13 to 23
//	  the same in expr's machine alone              3.0 to 7.3
//	  the same by expr over maps that are there     5.5 to 9.2
//	two of lower(f) contains or endsWith                   9.5
//	a * 2 + len(f) > n and one field against another       7.1
//	glob of two patterns and a cidr                         24
//	any(f, lower(#) contains … and …)                      5.7
//	any([f, g], lower(#) endsWith …)                       5.2
//	f[:3] == … and g[-4:] != …                             4.3
//	hour and weekday in a zone                             3.9
//	len(filter(f, …))                                      3.0
//	reduce(f, …), in the machine                           1.2
package expression
