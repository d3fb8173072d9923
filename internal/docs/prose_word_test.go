package docs_test

import "regexp"

// privateWord is a word of this project, or a figure of speech, that a reader has to
// guess.
type privateWord struct {
	pattern *regexp.Regexp
	plainer string
	allowed *regexp.Regexp // where the word is right, with 40 characters around it; nil: nowhere
}

var privateWords = []privateWord{
	// A letter or a wildcard stands for something; a stand-in is a kind of assumption.
	private(`stands?|stood|standing`, "is, exists, has or relies on", `(?i)stands? for|stand-in`),
	private(`comes? to|came to`, "reaches, or becomes", ""),
	private(`tells?|told`, "shows, says or returns", `(?i)(?:tell|told) (?:\w+ )?apart`),
	private(`nothing says`, "what is missing", ""),
	private(`nobody(?:'s)? (?:knows?|way)|what nobody`, "is not known", ""),
	private(`(?:in|out of) the way|in \S+'s way`, "what prevents it", ""),
	private(`, one is named`, "one X is named", ""),
	// A name that is written with a mistake is misspelled.
	private(`spell(?:s|ed|ings?)?|spelt`, "how it is written, or form", `(?i)check the spelling`),
	// A rule or a session that gives another one its number moves aside.
	private(`aside`, "except, or a free number", `(?i)mov(?:e|es|ed|ing)\b.*\baside`),
	private(`crowd(?:s|ed)?|park(?:s|ed|ing)?|refuges?|vacanc(?:y|ies)|glosse?s?|stakes?|detours?`, "the fact", ""),
	private(`twins?|strangers?|companions?|shelf|oblivious|lucky`, "the object", ""),
	private(`in vain`, "without success", ""),
	private(`settle[sd]?|settling`, "decides, or is final", ""),
	private(`doubts?|doubtful`, "warning, or is not known", ""),
	private(`believes?|blames?`, "takes for, or names", ""),
	private(`(?:plan|time|apply) has come`, "as far as it is known", ""),
	private(`gives? way|make way`, "is replaced by", ""),
	private(`go(?:es)? with (?:its|an|the) instance`, "is deleted with", ""),
	private(`in spite of|hence|thus|whence|lest|albeit|whatsoever`, "although, so, unless", ""),
	private(`simply|obviously|of course|easily|e\.g\.|i\.e\.|via`, "nothing, for example, that is or by", ""),
}

func private(pattern, plainer, allowed string) privateWord {
	w := privateWord{pattern: regexp.MustCompile(`(?i)\b(?:` + pattern + `)\b`), plainer: plainer}
	if allowed != "" {
		w.allowed = regexp.MustCompile(allowed)
	}
	return w
}

// privateHit is a private word in a text, where it is not allowed.
type privateHit struct {
	at, end int
	plainer string
}

func privateHits(s string) []privateHit {
	var found []privateHit
	for _, w := range privateWords {
		for _, at := range w.pattern.FindAllStringIndex(s, -1) {
			around := s[max(0, at[0]-40):min(len(s), at[1]+40)]
			if w.allowed == nil || !w.allowed.MatchString(around) {
				found = append(found, privateHit{at[0], at[1], w.plainer})
			}
		}
	}
	return found
}
