package expression

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/file"
	"github.com/expr-lang/expr/parser/lexer"

	"github.com/huntd/huntd/configs"
)

// parseMistake says of an error of expr's parser what a hunter is to write
// instead, where that can be told.
func parseMistake(source string, err error) error {
	var found *file.Error
	if !errors.As(err, &found) {
		return err
	}
	tokens, err := lexer.Lex(file.NewSource(source))
	if errors.As(err, &found) {
		return &mistake{at: found.Location, message: lexerHint(found.Message)}
	}
	m := &mistake{at: found.Location, message: found.Message}
	at := slices.IndexFunc(tokens, func(t lexer.Token) bool { return t.From == found.From && t.Kind != lexer.EOF })
	switch {
	case strings.HasPrefix(found.Message, "unexpected token EOF"), strings.HasPrefix(found.Message, "unexpected end"):
		m.message = "the expression ends too early"
	case strings.HasPrefix(found.Message, "unexpected token"), strings.HasPrefix(found.Message, "expected name"):
		if at >= 0 {
			m.message = tokenHint(tokens, at)
		}
	case strings.Contains(found.Message, "coalesce expressions"):
		m.message = "?? stands beside another operator: put parentheses around one of them, as in (a ?? b) == c"
	case strings.HasPrefix(found.Message, "expected at least"):
		m.message = `a list and what to ask of each value # are wanted, as in all(user, # endsWith "$")`
	case strings.Contains(found.Message, "value out of range"):
		m.message = "a number with too many digits: put it in quotes, which compares as a number all the same"
	}
	return m
}

// lexerHint is for what is no word of the language at all.
func lexerHint(message string) string {
	switch {
	case strings.HasPrefix(message, "invalid char escape"):
		return `a backslash in quotes is written twice, as in "C:\\Windows"; in backquotes it is written once`
	case strings.HasPrefix(message, "literal not terminated"):
		return "a quote is opened and not closed"
	case strings.HasPrefix(message, "unrecognized character: U+007E"):
		return `there is no ~: a regular expression is asked for with matches, as in user matches "^adm"`
	case strings.HasPrefix(message, "unrecognized character"):
		return strings.TrimPrefix(message, "unrecognized character: ") +
			` has no meaning here: a text is written in quotes, a field with an odd name as $env["odd name"]`
	case strings.HasPrefix(message, "bad number syntax"):
		return message + ": a text is written in quotes"
	}
	return message
}

// tokenHint is for a word or sign that is not expected where it stands.
func tokenHint(tokens []lexer.Token, at int) string {
	token, before := tokens[at], lexer.Token{}
	if at > 0 {
		before = tokens[at-1]
	}
	for _, t := range []lexer.Token{token, before} {
		if hint, ok := foreignOperator(t.Value); ok && t.Kind == lexer.Identifier {
			return hint
		}
	}
	switch {
	case token.Is(lexer.Operator, "="):
		return "= compares nothing: write =="
	case token.Is(lexer.Operator, ">") && before.Is(lexer.Operator, "<"):
		return "there is no <>: write !="
	case token.Is(lexer.Operator, "&"):
		return "there is no &: write and"
	case token.Is(lexer.Operator, ",") && afterIn(tokens[:at]):
		return `a list is written in brackets, as in user in ["a", "b"]`
	case token.Is(lexer.Bracket, "{"):
		return `{ is not expected here: a field with an odd name is written $env["odd name"]`
	case token.Is(lexer.Number) && before.Is(lexer.Number):
		return `a text is written in quotes, as in src_ip == "10.0.0.1"`
	case token.Is(lexer.Operator) && slices.Contains(wordOperators(), token.Value):
		return fmt.Sprintf(`%s stands between two sides, as in user %s "x"; within any, all and the like the value is #`, token.Value, token.Value)
	case token.Is(lexer.Identifier):
		return fmt.Sprintf("an operator is missing before %s%s", token.Value, operatorHint(token.Value))
	case token.Is(lexer.String), token.Is(lexer.Number):
		return fmt.Sprintf("an operator is missing before %q", token.Value)
	}
	return token.Value + " is not expected here"
}

// afterIn reports whether a comma after the tokens stands in the parentheses
// of in (…).
func afterIn(tokens []lexer.Token) bool {
	open := len(tokens) - 2 // in ( value
	return open > 0 && tokens[open].Is(lexer.Bracket, "(") && tokens[open-1].Is(lexer.Operator, "in")
}

// wordOperators are the operators that are words.
func wordOperators() []string {
	return []string{"and", "contains", "endsWith", "in", "matches", "not", "or", "startsWith"}
}

// foreignOperator knows what an operator of another language is here.
func foreignOperator(word string) (hint string, ok bool) {
	lower := strings.ToLower(word)
	for _, own := range wordOperators() {
		if lower == strings.ToLower(own) && word != own {
			return fmt.Sprintf("%s is written %s", word, own), true
		}
	}
	switch lower {
	case "like", "ilike":
		return fmt.Sprintf(`there is no %s: write glob(Image, "*\\powershell.exe"), or contains, startsWith, endsWith`, word), true
	case "regex", "regexp", "rlike":
		return fmt.Sprintf(`there is no %s: write user matches "^adm"`, word), true
	case "eq", "is":
		return fmt.Sprintf("there is no %s: write ==", word), true
	case "ne", "neq":
		return fmt.Sprintf("there is no %s: write !=", word), true
	case "has", "include", "includes":
		return fmt.Sprintf("there is no operator %s: write contains", word), true
	case "between":
		return "there is no between: write 1 <= x <= 9, or x in 1..9", true
	}
	return "", false
}

// operatorHint proposes the operator that a word is most like.
func operatorHint(word string) string {
	if near, ok := configs.Nearest(word, wordOperators()); ok {
		return ": did you mean " + near + "?"
	}
	return ""
}

// unknownFunction says what to call in place of a function that there is not.
func unknownFunction(n ast.Node, name string) error {
	if why, ok := notOffered(name); ok {
		return mistakeAt(n, "%s is not offered: %s", name, why)
	}
	if hint, ok := foreignOperator(name); ok {
		return mistakeAt(n, "%s", hint)
	}
	if own, ok := foreignFunction(name); ok {
		return mistakeAt(n, "there is no function %s: write %s", name, own)
	}
	if near, ok := configs.Nearest(name, functionNames()); ok {
		return mistakeAt(n, "there is no function %s: did you mean %s?", name, near)
	}
	return mistakeAt(n, "there is no function %s; there are %s", name, strings.Join(functionNames(), ", "))
}

// notOffered says why a function of expr is left out.
func notOffered(name string) (why string, ok bool) {
	switch name {
	case "now", "timezone":
		return "a window hunted again must give the same, so time and machine are out of reach; _time is the record's time", true
	case "keys", "values", "toPairs", "fromPairs", "groupBy":
		return "its result has no order of its own", true
	case "sortBy":
		return "sort orders the values of a list", true
	}
	return "", false
}

// foreignFunction knows how what is asked for with a function of SPL is
// written here.
func foreignFunction(name string) (own string, ok bool) {
	switch strings.ToLower(name) {
	case "cidrmatch":
		return `cidr(src_ip, "10.0.0.0/8")`, true
	case "match", "regex_match":
		return `user matches "^adm"`, true
	case "isnull":
		return "not has(user)", true
	case "isnotnull":
		return "has(user)", true
	case "ifnull":
		return "a ?? b", true
	case "rex", "regex_extract", "regexp_extract":
		return `extract(CommandLine, "-enc\\s+(\\S+)")`, true
	case "spath", "json_extract", "jsonpath":
		return `json(_raw, "user.name")`, true
	case "strftime":
		return `day(_time, "Europe/Berlin"), hour or weekday`, true
	case "relative_time", "bin":
		return `bucket(_time, "5m")`, true
	case "urldecode":
		return "fromURL(url)", true
	case "mvcount":
		return "count(user)", true
	case "mvindex":
		return "user[0]", true
	case "mvjoin":
		return `join(user, ", ")`, true
	case "mvfilter":
		return `filter(user, # endsWith "$")`, true
	case "mvdedup", "unique", "distinct":
		return "uniq(user)", true
	case "substr", "substring":
		return "user[0:4]", true
	case "tonumber":
		return "num(bytes)", true
	case "tostring":
		return "string(bytes)", true
	case "strlen", "length":
		return "len(user)", true
	case "case", "iff":
		return "a ? b : c", true
	}
	return "", false
}
