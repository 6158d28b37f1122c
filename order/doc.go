// Package order holds the words of the trade: what a bookseller (libraire)
// orders for a school (établissement), what was found in the form that ordered
// it, and what was decided.
//
// It imports nothing but the standard library and the Unicode tables of
// golang.org/x/text, and does no input or output. A parser returns a whole value, or an
// error that wraps one of the sentinels here. Every other package uses these types, and
// compares texts by Fold and FoldKey.
package order
