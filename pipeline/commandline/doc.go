// Package commandline takes command lines apart: it tells the shell, cuts the
// words, undoes what hides their meaning and finds the risky ones. It knows
// nothing but text, executes nothing, and asks no machine.
//
// # How it works
//
// An [Analyzer] walks through a text layer by layer. In each it first undoes
// what its shell would undo before it looks at words, then takes the words; where
// they start another shell with a command (cmd /c, powershell -Command, bash
// -c), the command is the next layer. The readable text is the text with the
// readable form of each layer in its place. So that a hunter can compare them,
// quotes and blanks that hide nothing stay as they are.
//
// Which shell a text is for is told by the program that it begins with, else by
// what only one of them writes: a caret within a word, a backtick, $( and so on.
// Where no shell is seen, | and & count only between blanks.
//
// # What is undone
//
//   - cmd.exe: carets before what needs none; quotes that divide a word;
//     %X:~a,b% and %X:a=b% of variables that every Windows has alike; variables
//     that the line itself sets; commas and the like around a program. Carets
//     before operators stay: they take their meaning.
//   - PowerShell: backticks that escape nothing, and every expression of
//     constants: +, *, -f, -join, -split, -replace, -as, -bxor, casts, ranges,
//     indexes, the methods of strings, [string]::Join and its like, blocks behind
//     % or ForEach-Object, characters picked from variables of fixed value, and
//     variables that the script gives a constant. What Invoke-Expression is
//     given is a script again, up to five times over.
//   - POSIX: quotes and backslashes within words, $'…', ${IFS}, {cat,file},
//     variables that the line sets.
//   - all: the case of well-known words, and Unicode dashes before options.
//
// The expressions are read by one pass over the lexemes with the precedence of
// about_Operator_Precedence; what is not constant is left as it stands, and
// what is constant in it is still computed. Assignments are believed in the order
// in which they stand, whatever loops or conditions are around them.
//
// # What is not
//
// Base64, ciphers and compression (package unpack has the first and the last),
// for /f over the output of commands, globs such as /???/c?t, arithmetic of POSIX
// shells, functions, aliases, and whatever depends on the machine. A command
// is not "clean" because its score is 0.
//
// # Limits
//
// Each character is looked at a fixed number of times a layer. What undoing
// makes may be longer than the text ('x' * 1000) or be made of itself (set
// A=%A%%A%), so that it draws on a budget of eight times the text and 64 KiB;
// when that is spent the rest of the text stays as it is. Depth, tokens and bytes
// are bounded by [Limits]. [Analyzer.Cut] counts it all.
//
// # Rules
//
// A [Rule] is data: names of programs, terms that words must look like. Rules
// for programs are found by the name of each simple command, the others by
// three characters of a literal that they need, in one pass over the text.
//
// # Features
//
// [FeaturesOf] gives MSTICPy's figures to the last digit, which for logarithms
// takes a function of its own: see log10.
//
// # Figures
//
// One core of a shared AMD EPYC, go test -bench Analyze -cpu 1 with the
// recordings, by processor time, three runs: 250,000 to 290,000 ordinary commands
// (98 characters on average, every third runs a script of PowerShell) a second
// with all rules, 375,000 to 420,000 without; a row of six regular expressions,
// which undoes a part of it and has no rules, 95,000 to 127,000 in the same runs.
// Of commands that hide something (4,770 characters on average) 14,600, and by
// the expressions 2,850. The nastiest texts known take 0.9 s a megabyte.
package commandline
