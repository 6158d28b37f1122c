package mime_test

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"strings"
	"testing"
	"unicode/utf16"

	"bdc/ingest/mime"
)

// winmail is a TNEF stream of some attributes.
func winmail(attributes ...[]byte) []byte {
	return append([]byte{0x78, 0x9f, 0x3e, 0x22, 1, 0}, bytes.Join(attributes, nil)...)
}

func attribute(level byte, id uint32, data []byte) []byte {
	b := binary.LittleEndian.AppendUint32([]byte{level}, id)
	b = binary.LittleEndian.AppendUint32(b, uint32(len(data)))
	sum := uint16(0)
	for _, c := range data {
		sum += uint16(c)
	}
	return binary.LittleEndian.AppendUint16(append(b, data...), sum)
}

// properties is a list of properties, each with its type, number and value.
func properties(list ...[]byte) []byte {
	return append(binary.LittleEndian.AppendUint32(nil, uint32(len(list))), bytes.Join(list, nil)...)
}

func property(kind, id uint16, value []byte) []byte {
	b := binary.LittleEndian.AppendUint16(nil, kind)
	b = binary.LittleEndian.AppendUint16(b, id)
	switch kind {
	case 0x1e, 0x1f, 0x102, 0x0d:
		b = binary.LittleEndian.AppendUint32(b, 1)
		b = binary.LittleEndian.AppendUint32(b, uint32(len(value)))
	}
	return append(append(b, value...), make([]byte, -len(value)&3)...)
}

func wide(s string) []byte {
	var b []byte
	for _, u := range utf16.Encode([]rune(s + "\x00")) {
		b = binary.LittleEndian.AppendUint16(b, u)
	}
	return b
}

const (
	attBody      = 0x0002800c
	attMsgProps  = 0x00069003
	attRend      = 0x00069002
	attTitle     = 0x00018010
	attData      = 0x0006800f
	attFileProps = 0x00069005
)

// attached is an attachment as Outlook writes one.
func attached(short, long string, data []byte) []byte {
	return bytes.Join([][]byte{
		attribute(2, attRend, make([]byte, 14)),
		attribute(2, attTitle, []byte(short+"\x00")),
		attribute(2, attData, data),
		attribute(2, attFileProps, properties(property(0x03, 0x0e20, []byte{1, 2, 3, 4}),
			property(0x1f, 0x3707, wide(long)))),
	}, nil)
}

func TestTNEF(t *testing.T) {
	xlsx := string(workbook(3001))
	// named is a property with a name.
	named := binary.LittleEndian.AppendUint32(append([]byte{0x1f, 0, 1, 0x80}, make([]byte, 16)...), 1)
	named = append(binary.LittleEndian.AppendUint32(named, 6), "a\x00b\x00c\x00\x00\x00"...)
	named = append(binary.LittleEndian.AppendUint32(binary.LittleEndian.AppendUint32(named, 1), 2), "x\x00\x00\x00"...)
	inner := append(make([]byte, 16), winmail(attached("C.XLS", "c.xlsx", []byte(xlsx)))...)
	whole := winmail(attached("BON~1.XLS", "Bon de commande lycée.xlsx", []byte(xlsx)))
	tests := []struct {
		name  string
		input []byte
		want  string // name, size and depth of each file
		text  string
	}{
		{"Outlook", whole, "Bon de commande lycée.xlsx 3001 0", "Bonjour"},
		{
			"two files", winmail(attached("A", "a.xlsx", []byte(xlsx)), attached("B", "b.pdf", []byte(pdf))),
			"a.xlsx 3001 0, b.pdf 8 0", "Bonjour",
		},
		{"the short name alone", winmail(attribute(2, attRend, nil), attribute(2, attTitle, []byte("BON~1.XLS\x00")),
			attribute(2, attData, []byte(xlsx))), "BON~1.XLS 3001 0", "Bonjour"},
		{"data before the name", winmail(attribute(2, attRend, nil), attribute(2, attData, []byte(xlsx)),
			attribute(2, attTitle, []byte("a.xlsx\x00"))), "a.xlsx 3001 0", "Bonjour"},
		{"data in a property", winmail(attribute(2, attRend, nil),
			attribute(2, attFileProps, properties(named, property(0x102, 0x3701, []byte(xlsx)),
				property(0x1e, 0x3704, []byte("a.xlsx\x00"))))), "a.xlsx 3001 0", "Bonjour"},
		{
			"never begun", winmail(attribute(2, attTitle, []byte("a.xlsx")), attribute(2, attData, []byte(xlsx))),
			"a.xlsx 3001 0", "Bonjour",
		},
		{"a path for a name", winmail(attached("A", `C:\..\a.xlsx`, []byte(xlsx))), "a.xlsx 3001 0", "Bonjour"},
		{
			"garbage at the end", append(bytes.Clone(whole), "garbage that is no attribute"...),
			"Bon de commande lycée.xlsx 3001 0", "Bonjour",
		},
		{"cut short", whole[:2000], "BON~1.XLS 1939 0", "Bonjour"},
		{"a message attached", winmail(attribute(2, attRend, nil),
			attribute(2, attFileProps, properties(property(0x0d, 0x3701, inner)))), "c.xlsx 3001 1", "Bonjour"},
		{
			"a message saved and attached", winmail(attached("A.EML", "a.eml",
				[]byte("From: a@b.fr\r\nMIME-Version: 1.0\r\nContent-Type: a/b; name=c.xlsx\r\n\r\n"+xlsx))),
			"c.xlsx 3001 1", "Bonjour",
		},
		{"nothing in it", winmail(attribute(1, attMsgProps, properties())), "winmail.dat 21 0", "Bonjour"},
		{"no more than its magic", winmail()[:4], "winmail.dat 4 0", "Bonjour"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			m := read(t, "From: a@b.fr\r\n"+multi("mixed", "Content-Type: text/plain\r\n\r\n"+test.text,
				"Content-Type: application/ms-tnef; name=winmail.dat\r\nContent-Transfer-Encoding: base64\r\n\r\n"+
					fold(test.input)))
			var got []string
			for _, f := range m.Files {
				got = append(got, fmt.Sprint(f.Name, " ", len(f.Data), " ", f.Forwarded))
				if strings.HasSuffix(f.Name, ".xlsx") && string(f.Data) != xlsx {
					t.Errorf("got other bytes in %s, want the workbook's", f.Name)
				}
			}
			if s := strings.Join(got, ", "); s != test.want {
				t.Errorf("got %q, want %q", s, test.want)
			}
			if m.Text != test.text {
				t.Errorf("got text %q, want %q", m.Text, test.text)
			}
		})
	}
}

// Where a stream is all there is, its text is the message's.
func TestTNEFText(t *testing.T) {
	tests := []struct {
		name  string
		input []byte
		want  string
	}{
		{"plain", winmail(attribute(1, attBody, []byte("Bonjour\r\nl'\xe9quipe\x00"))), "Bonjour\nl'équipe"},
		{
			"Unicode", winmail(attribute(1, attMsgProps, properties(property(0x1f, 0x1000, wide("Bonjour à tous"))))),
			"Bonjour à tous",
		},
		{
			"HTML", winmail(attribute(1, attMsgProps, properties(property(0x102, 0x1013, []byte("<p>Bonjour</p>"))))),
			"Bonjour",
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			m := read(t, "From: a@b.fr\r\nContent-Type: application/ms-tnef\r\nContent-Transfer-Encoding: base64\r\n"+
				"\r\n"+fold(test.input))
			if m.Text != test.want || len(m.Files) > 0 {
				t.Errorf("got text %q and %d files, want %q and none", m.Text, len(m.Files), test.want)
			}
		})
	}
}

// Streams built to cost more than they weigh are read within bounds.
func TestTNEFBombs(t *testing.T) {
	const fetched = 18 << 20 // decoded, of the largest message that is fetched
	nest := winmail(attached("A", "a.xlsx", workbook(100)))
	for range 50 {
		nest = winmail(attribute(2, attFileProps, properties(property(0x0d, 0x3701,
			append(make([]byte, 16), nest...)))))
	}
	many := properties(bytes.Repeat(property(0x1f, 0x3707, wide("abc")), fetched/20))
	binary.LittleEndian.PutUint32(many, 0xffffffff)
	tests := []struct {
		name    string
		input   []byte
		trouble string
	}{
		{"attachments", winmail(bytes.Repeat(attached("A", "a", nil), fetched/120)), "parts attachments"},
		{"attributes", winmail(bytes.Repeat(attribute(1, attBody, nil), fetched/11)), ""},
		{"properties", winmail(attribute(2, attFileProps, many)), ""},
		{
			"values", winmail(attribute(2, attFileProps, append(properties(), "\x1f\x10\x07\x37\xff\xff\xff\xff"...))),
			"",
		},
		{"a body", winmail(attribute(1, attMsgProps, properties(property(0x1f, 0x1000,
			wide(strings.Repeat("a", fetched/2)))))), ""},
		{"many bodies", winmail(bytes.Repeat(attribute(1, attMsgProps,
			properties(property(0x1f, 0x1000, wide(strings.Repeat("a", 1<<20))))), 8)), ""},
		{"messages within messages", nest, "forwarded"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			m := readBounded(t, []byte("From: a@b.fr\r\nContent-Type: application/ms-tnef\r\n"+
				"Content-Transfer-Encoding: base64\r\n\r\n"+base64.StdEncoding.EncodeToString(test.input)))
			if got := troubles(m); got != test.trouble {
				t.Errorf("got trouble %q, want %q", got, test.trouble)
			}
		})
	}
}

// Every winmail.dat that other readers were tested on gives up its files.
func TestTNEFCorpus(t *testing.T) {
	want := map[string]string{ // "" is for a stream of nothing but text
		"IPM-DistList.tnef":         "Untitled Attachment 19965",
		"MAPI_ATTACH_DATA_OBJ.tnef": "VIA_Nytt_1402.doc 61952, VIA_Nytt_1402.pdf 213685, VIA_Nytt_14021.htm 68919",
		"MAPI_OBJECT.tnef":          "Untitled_Attachment 628224",
		"bad_checksum.tnef":         "image001.png 1533127",
		"body.tnef":                 "",
		"data-before-name.tnef":     "AUTOEXEC.BAT 0, CONFIG.SYS 0, boot.ini 289",
		"duplicate_filename.tnef":   "file_abcdefgh.txt 61952, file_abcdefgh.txt 213685, VIA_Nytt_14021.htm 68919",
		"garbage-at-end.tnef":       "winmail.dat 4184",
		"long-filename.tnef":        "allproductsmar2000.dat 279",
		"minimal_attachment.tnef":   "fichier 16",
		"missing-filenames.tnef": "generpts.src 61210, TechlibDEC99.doc 33792, TechlibDEC99-JAN00.doc 34304, " +
			"TechlibNOV99.doc 33792",
		"multi-name-property.tnef":    "winmail.dat 3039",
		"multi-value-attribute.tnef":  "208225__5_seconds__Voice_Mail.mp3 10656",
		"one-file.tnef":               "AUTHORS 244",
		"rtf.tnef":                    "winmail.dat 2445",
		"triples.tnef":                "",
		"two-files.tnef":              "AUTHORS 244, README 893",
		"umlaut.tnef":                 "TBZ PARIV GmbH.jpg 44764, image003.jpg 1001, UmlautAnhang-äüö.txt 14",
		"unicode-mapi-attr-name.tnef": "spaconsole2.cfg 8387, image001.png 3815, image002.png 3573, image003.png 3792",
		"unicode-mapi-attr.tnef":      "example.dat 1024",
	}
	n := eachMail(t, "tnef", func(name string, raw []byte) {
		m := readBounded(t, []byte("From: a@b.fr\r\nContent-Type: application/ms-tnef; name=winmail.dat\r\n"+
			"Content-Transfer-Encoding: base64\r\n\r\n"+fold(raw)))
		var got []string
		for _, f := range m.Files {
			got = append(got, fmt.Sprint(f.Name, " ", len(f.Data)))
		}
		if s := strings.Join(got, ", "); s != want[name] {
			t.Errorf("%s: got %q, want %q", name, s, want[name])
		}
	})
	if n != len(want) {
		t.Errorf("got %d files, want %d", n, len(want))
	}
}

func FuzzTNEF(f *testing.F) {
	f.Add(winmail(attached("A", "a.xlsx", workbook(50)), attribute(1, attBody, []byte("text"))))
	f.Add(winmail(attribute(2, attFileProps, properties(property(0x0d, 0x3701,
		append(make([]byte, 16), winmail(attached("A", "a", nil))...))))))
	f.Fuzz(func(t *testing.T, stream []byte) {
		raw := append([]byte("From: a@b.fr\r\nContent-Type: application/ms-tnef\r\n"+
			"Content-Transfer-Encoding: binary\r\n\r\n\x78\x9f\x3e\x22"), stream...)
		m, err := mime.Read(raw, mime.DefaultLimits())
		if err != nil {
			t.Fatal(err)
		}
		if err := sound(m, raw); err != nil {
			t.Error(err)
		}
	})
}
