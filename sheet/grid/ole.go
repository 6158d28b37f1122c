package grid

import (
	"encoding/binary"
	"strings"
)

const oleMagic = "\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1"

// sniffOLE says what kind of file an OLE compound file ([MS-CFB]) is, by the names of its
// streams. An Office file that is protected by a password is such a file, too, with the
// encrypted zip in it.
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

// oleNames are the names of the streams at the top level of the file, as far as its directory
// can be followed. Deeper levels belong to embedded files, such as a letter in a workbook. If
// the directory does not say which streams are at the top, it is the names of all.
func oleNames(data []byte) []string {
	const (
		entrySize = 128
		left      = 68 // where an entry gives the index of the entry before it on its level
		right     = 72 // where it gives the index of the entry after it
		child     = 76 // where it gives the index of an entry of the level below it
	)
	dir := oleDirectory(data)
	count := len(dir) / entrySize
	name := func(i int) string {
		entry := dir[i*entrySize:]
		// The length counts the bytes of the name with its final zero.
		length := int(binary.LittleEndian.Uint16(entry[64:]))
		if length <= 2 || length > 64 {
			return ""
		}
		return string(utf16Text(entry[:length-2], binary.LittleEndian))
	}
	var top []string
	seen := make([]bool, count)
	next := []uint32{0}
	for len(next) > 0 {
		i := next[len(next)-1]
		next = next[:len(next)-1]
		if uint64(i) >= uint64(count) || seen[i] {
			continue
		}
		seen[i] = true
		entry := dir[int(i)*entrySize:]
		if i == 0 {
			next = append(next, binary.LittleEndian.Uint32(entry[child:]))
			continue
		}
		top = append(top, name(int(i)))
		next = append(next, binary.LittleEndian.Uint32(entry[left:]), binary.LittleEndian.Uint32(entry[right:]))
	}
	if len(top) > 0 {
		return top
	}
	var all []string
	for i := range count {
		all = append(all, name(i))
	}
	return all
}

// oleDirectory are the entries of the file's directory, as far as its sectors can be followed.
func oleDirectory(data []byte) []byte {
	const (
		headerSize   = 512
		inHeader     = 109 // allocation sectors that the header itself lists
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
	// after is the sector that follows the sector n, as the allocation table says.
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
	var dir []byte
	n := binary.LittleEndian.Uint32(data[48:])
	for range mostSectors {
		entries := sector(n)
		if entries == nil {
			break
		}
		dir = append(dir, entries...)
		n = after(n)
	}
	return dir
}
