// Package school tells schools apart by what people call them. Names, towns and
// codes are typed by hand, abbreviated and misspelt; the directory itself is not
// of one mind about them. It compares what was typed with what the directory
// says, and scores how likely one was meant by the other.
//
// It is pure and never fails. Texts of any length are accepted, of which the
// first words count.
package school
