package mime

import "bytes"

// Object identifiers, encoded (RFC 5652, 4 and 5.1).
var (
	oidData       = []byte{0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x01}
	oidSignedData = []byte{0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x02}
)

// Tags of the BER elements on the way (X.690, 8).
const (
	tagInteger       = 0x02
	tagOctets        = 0x04
	tagOID           = 0x06
	tagSequence      = 0x30
	tagSet           = 0x31
	tagOctetsInParts = 0x24
	tagContext0      = 0xa0
)

// signedContent returns what an S/MIME signature encloses: the eContent of a
// SignedData (RFC 5652, 5.2). It verifies nothing. It reports false for anything
// else, such as an encrypted message or a signature that stands apart.
func signedContent(message []byte) ([]byte, bool) {
	r := berReader{rest: message}
	r.enter(tagSequence) // ContentInfo
	isSigned := bytes.Equal(r.next(tagOID), oidSignedData)
	r.enter(tagContext0)
	r.enter(tagSequence) // SignedData
	r.next(tagInteger)   // version
	r.next(tagSet)       // digestAlgorithms
	r.enter(tagSequence) // encapContentInfo
	isData := bytes.Equal(r.next(tagOID), oidData)
	r.enter(tagContext0)
	if r.failed || !isSigned || !isData || len(r.rest) == 0 {
		return nil, false
	}
	if r.rest[0] == tagOctets {
		content := r.next(tagOctets)
		return content, !r.failed
	}
	r.enter(tagOctetsInParts)
	var content []byte
	for len(r.rest) > 0 && r.rest[0] == tagOctets {
		content = append(content, r.next(tagOctets)...)
	}
	return content, !r.failed && len(content) > 0
}

// berReader reads BER elements one after the other. The first that is not as
// expected makes it fail for good.
type berReader struct {
	rest   []byte
	failed bool
}

// next returns the content of the next element and goes past it.
func (r *berReader) next(tag byte) []byte {
	content, rest, ok := berElement(r.rest, tag)
	if !ok {
		r.failed = true
	}
	r.rest = rest
	return content
}

// enter goes into the next element, so that its content is read next and what follows
// it is not read.
func (r *berReader) enter(tag byte) {
	r.rest = r.next(tag)
}

// berElement splits off the element that b begins with. One of indefinite length
// (X.690, 8.1.3.6) is taken to reach to the end of b.
func berElement(b []byte, tag byte) (content, rest []byte, ok bool) {
	if len(b) < 2 || b[0] != tag {
		return nil, nil, false
	}
	length := int(b[1])
	b = b[2:]
	switch {
	case length == 0x80:
		return b, nil, true
	case length > 0x80:
		digits := length - 0x80
		if digits > 4 || digits > len(b) {
			return nil, nil, false
		}
		length = 0
		for _, d := range b[:digits] {
			length = length<<8 | int(d)
		}
		b = b[digits:]
	}
	if length > len(b) {
		return nil, nil, false
	}
	return b[:length], b[length:], true
}
