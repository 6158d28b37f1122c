// Package templates holds the texts that people read, as files embedded in the binary:
// the definition of the order form, the blank form, the French words of findings, the
// replies to booksellers, the mails to staff, and the pages of the console.
//
// It only turns values into text. It sends no mail and opens no workbook. A function that
// parses an embedded file fails only if the file is wrong, which the tests of this package
// rule out. Only NewRendererFrom parses files from elsewhere.
//
// Whatever a stranger typed, replies and mails to staff show it without line breaks and
// control characters, cut to a fixed length, and escaped in HTML.
package templates
