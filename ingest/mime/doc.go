// Package mime reads a mail: who wrote it, what they wrote, and every file in it, in
// whatever part and under whatever type and name it was sent.
//
// It reads what real clients and servers send rather than what RFC 5322 and RFC
// 2045 allow: headers with broken lines, boundaries that are missing, wrong or
// never closed, file names in every known misspelling, base64 with text after
// it, forwarded messages that are themselves encoded, opaque S/MIME signatures,
// uuencode in the text, winmail.dat, unknown charsets. Where a piece of the mail cannot
// be understood, only that piece is left out.
//
// It refuses only an empty message. Everything in a message is bounded by Limits: the
// depth and number of parts, the size of headers, the number of forwarded messages and
// of files. When a limit is exceeded, the rest is not read, and Message.Trouble has a
// finding, so that a person looks at the message. The time is linear in the size of
// the message. Parts share the memory of the raw message; only a file is copied, once,
// when it is decoded. All files together are never larger than the message.
//
// The data of a file are the bytes that its sender attached. Read does not rely on the
// content type, which it passes on as File.Declared, and never converts the charset of
// a file.
package mime
