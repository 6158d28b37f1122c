// Package mime unwraps a mail: who wrote it, what they wrote, and every file in
// it, however deep, whatever it calls itself.
//
// It reads what real clients and servers send rather than what RFC 5322 and RFC
// 2045 allow: headers with broken lines, boundaries that are missing, wrong or
// never closed, file names in every known misspelling, base64 with text after
// it, forwarded messages that are themselves encoded, opaque S/MIME signatures,
// uuencode in the text, winmail.dat, charsets that nobody knows. What cannot be
// understood is left out; what stands before and after it is kept.
//
// It refuses nothing but an empty message, and follows nothing without bound:
// depth, parts, headers, forwards and files are counted against Limits, and a
// limit that was met is a finding in Message.Trouble, so that a person looks at
// what a machine did not. Time is linear in the size of the message. Bodies are
// never copied: a part is a piece of the raw message until a file is decoded,
// once, and all files together are never larger than the message.
//
// A file is delivered with the bytes that its sender attached: the content type
// is only repeated in File.Declared, and no charset is ever applied to it.
package mime
