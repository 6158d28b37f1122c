// Package validate judges a draft: it turns each input from what was typed into
// a normalised value, applies the rules of the trade, and comes to a verdict.
//
// It is pure: the same form, draft, registry, sender and policy give the same
// order, findings and verdict. It has no clock, reads nothing, and never fails; what is
// wrong with a draft is a finding. All of it may be called concurrently.
//
// What is normalised silently, and what is said: white space around a value and
// characters without a glyph are nobody's business. Anything else that makes the
// value look different from what was typed (a capital, a hyphen, a lost zero) is
// a finding of severity Fixed, with the value as typed and as taken. Dates,
// choices and decimal separators are the exceptions: their notations mean the
// same to everybody.
//
// Each rule lives in the file of its subject, with its code, its severity and
// its table of tests.
package validate
