// Package order holds the words of the trade: what a bookseller (libraire)
// orders for a school (établissement), what was found in the form that ordered
// it, and what was decided.
//
// It imports the standard library only, does no input or output, and never
// fails half-way: a parser returns a whole value or an error that wraps one of
// the sentinels here. Every other package speaks in these types.
package order
