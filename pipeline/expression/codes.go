package expression

import (
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"net/url"
	"strings"
)

// codeFunction returns a function that turns a text into another form of it,
// or back. What is not in that form gives nil.
func codeFunction(name string) (function, bool) {
	decoder := func(decode func(string) (string, error)) (function, bool) {
		return perScalar(1, 1, func(_ *Evaluator, s string, _ []scalar) scalar {
			text, err := decode(s)
			if err != nil {
				return noScalar()
			}
			return textScalar(text)
		})
	}
	switch name {
	case "toBase64":
		return eachText(func(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) })
	case "fromBase64":
		return decoder(fromBase64)
	case "fromHex":
		return decoder(func(s string) (string, error) { raw, err := hex.DecodeString(s); return string(raw), err })
	case "fromURL":
		return decoder(url.PathUnescape)
	case "fromJSON":
		return perValue(1, 1, kindAny, func(_ *Evaluator, s string, _ []scalar) any { return fromJSON(s) })
	case "md5":
		return eachText(func(s string) string { sum := md5.Sum([]byte(s)); return hex.EncodeToString(sum[:]) })
	case "sha1":
		return eachText(func(s string) string { sum := sha1.Sum([]byte(s)); return hex.EncodeToString(sum[:]) })
	case "sha256":
		return eachText(func(s string) string { sum := sha256.Sum256([]byte(s)); return hex.EncodeToString(sum[:]) })
	}
	return function{}, false
}

// fromBase64 reads base64 of the ordinary or the URL alphabet, padded or not.
func fromBase64(s string) (string, error) {
	s = strings.TrimRight(s, "=")
	code := base64.RawStdEncoding
	if strings.ContainsAny(s, "-_") {
		code = base64.RawURLEncoding
	}
	raw, err := code.DecodeString(s)
	return string(raw), err
}

func fromJSON(s string) any {
	var v any
	if err := json.Unmarshal([]byte(s), &v); err != nil {
		return nil
	}
	return v
}
