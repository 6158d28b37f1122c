// Package templates holds what people read, embedded in the binary: the form
// definition, the blank form, and the French words of findings and replies.
//
// It renders words only. It composes no mail, opens no workbook and does no
// input or output; a fault in an embedded file is found by its tests.
package templates
