package sheet

import (
	"encoding/binary"
	"strings"
)

const oleMagic = "\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1"

// sniffOLE tells by the streams of an OLE compound file ([MS-CFB]) what made it:
// an Office file under a password is such a file around the encrypted zip.
func sniffOLE(data []byte) string {
	kind := "ole"
	for _, name := range oleNames(data) {
		switch strings.ToLower(name) {
		case "encryptedpackage":
			return "encrypted"
		case "workbook", "book":
			kind = "xls"
		case "worddocument":
			kind = "doc"
		}
	}
	return kind
}

// oleNames are the names in the file's directory, as far as it can be followed.
func oleNames(data []byte) []string {
	const (
		headerSize   = 512
		inHeader     = 109 // allocation sectors that the header itself lists
		entrySize    = 128
		mostSectors  = 256 // of the directory: thousands of streams
		noMoreChains = 0xFFFFFFFA
	)
	if len(data) < headerSize {
		return nil
	}
	shift := binary.LittleEndian.Uint16(data[30:])
	if shift != 9 && shift != 12 {
		return nil
	}
	size := 1 << shift
	sector := func(n uint32) []byte {
		start := (int64(n) + 1) << shift
		if n >= noMoreChains || start+int64(size) > int64(len(data)) {
			return nil
		}
		return data[start : start+int64(size)]
	}
	// after is the sector that follows n in its chain, by the allocation table.
	after := func(n uint32) uint32 {
		perSector := uint32(size / 4)
		if n/perSector >= inHeader {
			return noMoreChains
		}
		table := sector(binary.LittleEndian.Uint32(data[76+4*(n/perSector):]))
		if table == nil {
			return noMoreChains
		}
		return binary.LittleEndian.Uint32(table[4*(n%perSector):])
	}
	var names []string
	n := binary.LittleEndian.Uint32(data[48:])
	for range mostSectors {
		dir := sector(n)
		if dir == nil {
			break
		}
		for ; len(dir) >= entrySize; dir = dir[entrySize:] {
			// The length counts the bytes of the name with its final zero.
			length := int(binary.LittleEndian.Uint16(dir[64:]))
			if length > 2 && length <= 64 {
				names = append(names, string(utf16Text(dir[:length-2], binary.LittleEndian)))
			}
		}
		n = after(n)
	}
	return names
}
