package mime

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"strings"
	"unicode/utf16"
)

// Attributes of a TNEF stream ([MS-OXTNEF], 2.1.3.3), without the types that
// stand before them: programs differ in those.
const (
	tnefBody         = 0x800c // attBody
	tnefProperties   = 0x9003 // attMsgProps
	tnefCodepage     = 0x9007 // attOemCodepage
	tnefAttachBegin  = 0x9002 // attAttachRenddata: begins an attachment
	tnefAttachTitle  = 0x8010 // attAttachTitle
	tnefAttachData   = 0x800f // attAttachData
	tnefAttachFields = 0x9005 // attAttachment: the properties of an attachment
)

// Properties within them ([MS-OXPROPS]).
const (
	propBody       = 0x1000
	propBodyHTML   = 0x1013
	propCodepage   = 0x3fde // of text in octets, HTML above all
	propAttachData = 0x3701
	propAttachName = 0x3704
	propAttachLong = 0x3707
	propAttachType = 0x370e
	propAttachID   = 0x3712 // by which HTML shows it
	propNamedFrom  = 0x8000 // from here on a property carries its name
)

// Sizes, in octets.
const (
	tnefHeader       = 6  // the signature and a key
	tnefAttribute    = 9  // level, number and length before an attribute's data
	tnefChecksum     = 2  // after it; many programs get it wrong
	tnefObjectPrefix = 16 // the interface identifier before an embedded object
)

// Bounds of one stream, far above an honest one's.
const (
	maxTNEFFields = 10_000 // attributes and properties
	maxTNEFName   = 2_000  // octets of a name
)

// tnefMagic begins every TNEF stream.
var tnefMagic = []byte{0x78, 0x9f, 0x3e, 0x22}

// isTNEF tells by its bytes what Outlook calls winmail.dat.
func isTNEF(b []byte) bool { return bytes.HasPrefix(b, tnefMagic) }

// tnefFile is an attachment of a TNEF stream, or with message set, another
// stream: a message that was attached.
type tnefFile struct {
	name, kind string
	data       []byte // shares memory with the stream
	inline     bool
	message    bool
}

// tnef holds what people sent in a TNEF stream. Compressed RTF is not read: nobody sends
// an order in it, and plain text mostly stands beside it.
type tnef struct {
	charset  string // of text that is not Unicode
	internet string // the charset of HTML, where the stream gives it
	body     property
	html     property
	files    []tnefFile
	fields   int // read so far
}

// readTNEF reads a TNEF stream, up to the first attribute that is not well formed. Of an
// attribute that is cut short it reads the beginning.
func readTNEF(b []byte) *tnef {
	t := &tnef{charset: "windows-1252"}
	if len(b) < tnefHeader {
		return t
	}
	for b = b[tnefHeader:]; len(b) >= tnefAttribute && t.fields < maxTNEFFields; {
		t.fields++
		level, id := b[0], binary.LittleEndian.Uint16(b[1:])
		length := int(binary.LittleEndian.Uint32(b[5:]))
		if level != 1 && level != 2 || length < 0 {
			break
		}
		b = b[tnefAttribute:]
		t.attribute(id, b[:min(length, len(b))])
		if length+tnefChecksum > len(b) {
			break
		}
		b = b[length+tnefChecksum:]
	}
	return t
}

func (t *tnef) attribute(id uint16, data []byte) {
	switch id {
	case tnefCodepage:
		if len(data) >= 4 {
			t.charset = codepage(binary.LittleEndian.Uint32(data))
		}
	case tnefBody:
		t.body = property{kind: kindString, data: data}
	case tnefProperties:
		t.properties(data, func(p property) {
			switch p.id {
			case propBody:
				t.body = p
			case propBodyHTML:
				t.html = p
			case propCodepage:
				if len(p.data) >= 4 {
					t.internet = codepage(binary.LittleEndian.Uint32(p.data))
				}
			}
		})
	case tnefAttachBegin:
		t.files = append(t.files, tnefFile{})
	case tnefAttachTitle:
		if f := t.file(); f.name == "" { // eight letters and three; the long name is a property
			f.name = t.string(property{kind: kindString, data: data}, maxTNEFName)
		}
	case tnefAttachData:
		t.file().data = data
	case tnefAttachFields:
		t.properties(data, t.attachment)
	}
}

// file is the attachment that is being read. Some programs forget to begin the
// first.
func (t *tnef) file() *tnefFile {
	if len(t.files) == 0 {
		t.files = append(t.files, tnefFile{})
	}
	return &t.files[len(t.files)-1]
}

// attachment takes one property of an attachment.
func (t *tnef) attachment(p property) {
	f := t.file()
	switch p.id {
	case propAttachLong:
		f.name = t.string(p, maxTNEFName)
	case propAttachName:
		if f.name == "" {
			f.name = t.string(p, maxTNEFName)
		}
	case propAttachType:
		f.kind = strings.ToLower(strings.TrimSpace(t.string(p, maxTNEFName)))
	case propAttachID:
		f.inline = len(p.data) > 0
	case propAttachData:
		data := p.data
		if p.kind == kindObject && len(data) > tnefObjectPrefix {
			data = data[tnefObjectPrefix:]
			f.message = isTNEF(data)
		}
		if len(data) > 0 {
			f.data = data
		}
	}
}

// Types of properties ([MS-OXCDATA], 2.11.1). With kindMany they hold several
// values.
const (
	kindShort   = 0x0002
	kindLong    = 0x0003
	kindFloat   = 0x0004
	kindError   = 0x000a
	kindBoolean = 0x000b
	kindObject  = 0x000d
	kindString  = 0x001e
	kindUnicode = 0x001f
	kindGUID    = 0x0048
	kindBinary  = 0x0102
	kindMany    = 0x1000
)

// property is one property; of several values, the first.
type property struct {
	id, kind uint16
	data     []byte
}

// properties calls f for each property of a list ([MS-OXTNEF], 2.1.3.4), up to
// the first that does not fit.
func (t *tnef) properties(list []byte, f func(property)) {
	r := tnefReader{rest: list}
	for n := r.number(); n > 0 && !r.failed && t.fields < maxTNEFFields; n-- {
		t.fields++
		p := property{kind: r.half(), id: r.half()}
		if p.id >= propNamedFrom {
			r.take(16) // a name space
			if byText := r.number() == 1; byText {
				r.padded(r.number())
			} else {
				r.number()
			}
		}
		values := uint32(1)
		many := p.kind&kindMany != 0
		p.kind &^= kindMany
		if many || p.varies() {
			values = r.number()
		}
		for i := uint32(0); i < values && !r.failed; i++ {
			data := r.value(p)
			if i == 0 {
				p.data = data
			}
		}
		if p.data != nil {
			f(p)
		}
	}
}

// varies reports whether values of the property carry their length.
func (p property) varies() bool {
	switch p.kind {
	case kindString, kindUnicode, kindBinary, kindObject:
		return true
	}
	return false
}

// tnefReader reads little-endian fields one after the other. A field that goes beyond
// the end is cut there, and sets failed.
type tnefReader struct {
	rest   []byte
	failed bool
}

func (r *tnefReader) take(n int) []byte {
	if n > len(r.rest) {
		r.failed = true
		n = len(r.rest)
	}
	b := r.rest[:n]
	r.rest = r.rest[n:]
	return b
}

func (r *tnefReader) half() uint16 {
	if b := r.take(2); len(b) == 2 {
		return binary.LittleEndian.Uint16(b)
	}
	return 0
}

func (r *tnefReader) number() uint32 {
	if b := r.take(4); len(b) == 4 {
		return binary.LittleEndian.Uint32(b)
	}
	return 0
}

// padded reads n octets and those that fill them up to a multiple of four. The
// last of a list may lack its filling.
func (r *tnefReader) padded(n uint32) []byte {
	b := r.take(int(min(n, 1<<30)))
	r.take(min(int(-n&3), len(r.rest)))
	return b
}

// value reads one value of a property.
func (r *tnefReader) value(p property) []byte {
	switch p.kind {
	case kindString, kindUnicode, kindBinary, kindObject:
		return r.padded(r.number())
	case kindShort, kindBoolean, kindLong, kindFloat, kindError:
		return r.take(4)
	case kindGUID:
		return r.take(16)
	}
	return r.take(8) // the others: numbers and moments of eight octets
}

// string decodes a property that is text, at most limit octets of it.
func (t *tnef) string(p property, limit int) string {
	data := p.data[:min(len(p.data), limit)]
	switch p.kind {
	case kindUnicode:
	case kindBinary:
		return toUTF8(cmp.Or(t.internet, t.charset), data)
	default:
		data, _, _ = bytes.Cut(data, []byte{0})
		return toUTF8(t.charset, data)
	}
	units := make([]uint16, len(data)/2)
	for i := range units {
		units[i] = binary.LittleEndian.Uint16(data[2*i:])
	}
	s, _, _ := strings.Cut(string(utf16.Decode(units)), "\x00")
	return s
}

// codepage is the charset of a Windows code page.
func codepage(n uint32) string {
	switch n {
	case 65001:
		return "utf-8"
	case 1250, 1251, 1253, 1254, 1257:
		return "windows-" + string([]byte{'1', '2', '5', byte('0' + n%10)})
	case 28605:
		return "iso-8859-15"
	}
	return "windows-1252"
}

// winmail reads a TNEF stream. Its attachments become files of the message. Its text is
// added where the message has no other text. winmail reports false, and changes nothing,
// where the stream has neither.
func (w *walker) winmail(b []byte, at place) bool {
	t := readTNEF(b)
	text := part{place: at, charset: "utf-8", body: []byte(t.string(t.body, w.lim.TextBytes*plainFactor))}
	if len(text.body) == 0 {
		text.kind, text.body = "text/html", []byte(t.string(t.html, w.lim.TextBytes*htmlFactor))
	}
	if len(t.files) == 0 && len(text.body) == 0 {
		return false
	}
	if !w.spoken(at.forwarded) {
		w.texts = append(w.texts, text)
	}
	for _, f := range t.files {
		if w.full() {
			break
		}
		w.parts++
		switch inner := (place{depth: at.depth + 1, forwarded: at.forwarded + 1, within: at.within}); {
		case !f.message && isMail(f.data):
			w.forward(f.data, at)
		case !f.message:
			w.keep(File{
				Name: CleanName(f.name), Declared: token([]byte(f.kind)), Data: f.data, Forwarded: at.forwarded,
				Within: at.within, Inline: f.inline,
			})
		case at.forwarded == w.lim.Forwarded:
			w.msg.limitMet(codeForwarded, w.lim.Forwarded)
		case inner.depth > w.lim.Depth:
			w.msg.limitMet(codeDepth, w.lim.Depth)
		case !w.winmail(f.data, inner):
			w.keep(File{Name: CleanName(f.name), Data: f.data, Forwarded: at.forwarded, Within: at.within})
		}
	}
	return true
}

// spoken reports whether there is a text already of the message that is within so many
// forwarded ones.
func (w *walker) spoken(forwarded int) bool {
	for i := range w.texts {
		if w.texts[i].forwarded == forwarded && len(bytes.TrimSpace(w.texts[i].body)) > 0 {
			return true
		}
	}
	return false
}
