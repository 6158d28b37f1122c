// Package school finds out which school somebody means. People type names, towns and
// codes with abbreviations and typing errors, and even the directory of schools does
// not spell them in one way. The package compares what was typed with what the
// directory says, and tells how likely both mean one school.
//
// The package is pure, and nothing in it fails. Texts may have any length; only their
// first words are compared.
package school
