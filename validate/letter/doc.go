// Package letter judges what a sender writes beside an order form: in the subject and
// the text of a mail, and in any short text of a workbook. A person must read what could
// change the form; what is only courtesy, or agrees with the form, passes.
//
// It judges sentence by sentence, in three steps. First it takes away what is ordinary:
// the phrases that the rules of [order.LetterWords] know, numbers of other things, such
// as dates and telephone numbers, and what agrees with the form; then clauses of the past
// and chatter: a clause about life that has no word of the order. Then the rules of doubt
// are looked for in what is left. Last, a sentence doubts if a sign is left that nothing
// has explained: a number, a negation, a request or a condition. A sentence without any
// of them passes.
//
// The words are data. Words are compared folded, as [order.Fold] makes them, and a word
// of five letters or more is known even with one wrong letter. Nothing here fails: a text
// that makes no sense has no doubts or many.
package letter
