// Package netname takes addresses, domain names and URLs apart and says what
// there is to know of them without asking anybody. It knows no records.
//
// # Names
//
// A domain is split at the public suffix, as golang.org/x/net/publicsuffix has it
// at the time of the build: by the part of it that ICANN answers for, or also by
// the part that companies entered (github.io). Names in punycode are decoded by
// IDNA 2008 (golang.org/x/net/idna). [Lookalike] reads letters of other alphabets
// as the Latin ones that they look like, after the idea of Unicode's UTS #39, with a
// table of our own of the letters that are used for it.
//
// # URLs
//
// [ParseURL] follows RFC 3986, but takes what is broken apart as far as it can be
// and says what is wrong, since what an attacker wrote need not be right. Parts are
// brought into one form as urllib3 does it, so that results can be compared with
// MSTICPy's.
//
// # How a random name is told from a chosen one
//
// [DGAScore] compares how likely the letters of a name follow one another in words
// and names with how likely they do if drawn at random. The likelihoods are those of
// three symbols in a row; 29 symbols are told apart, the letters, a digit, anything
// else, and the ends. They are learned from what comes with Go and its libraries (see
// dga_train.go, which makes dga.bin anew): the words of comments in Go's standard
// library, and the labels of the public suffix list, which are in many languages. A
// logistic regression over the sum and the length makes it a number from 0 to 1.
//
// On 40,000 names of 6 to 24 letters and digits, half of them random in six ways,
// 98% are put on the right side of 0.5. It cannot see generators that put words
// together, and takes abbreviations and long numbers for random more often than not;
// so it is a reason to look, not a verdict.
package netname
