// Package validate judges a draft: it turns each input from what was typed into
// a normalised value, applies the rules of the trade, and comes to a verdict.
//
// The package is pure: the same form, draft, registry, sender and policy give the
// same order, findings and verdict. It asks no clock, reads no files, and has no
// errors: whatever is wrong with a draft is a finding. Everything in it may be called
// concurrently.
//
// Not every change by normalisation is reported. Nothing is said of white space around
// a value and of characters without a glyph. If the value looks different in another
// way (a capital, a hyphen, a restored zero), there is a finding of severity Fixed,
// with the text as typed and the value as taken. Dates, choices and decimal separators
// are excepted, since everybody understands their different notations.
//
// The comment "Args:" behind a code names the keys of order.Finding.Args that findings
// with this code have.
//
// The file of each subject contains the rules about it, with their codes and
// severities; their tests are in the test file of the same name.
package validate
