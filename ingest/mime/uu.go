package mime

import "bytes"

// uuFile is a uuencoded file within a text.
type uuFile struct {
	name       []byte
	data       []byte
	start, end int // its position in the text, "begin" and "end" lines included
}

// findUU returns the first uuencoded file in text: a "begin 644 name" line, at
// least one line of data, and the rest up to "end" or the first line that is no
// data.
func findUU(text []byte) (uuFile, bool) {
	begin := []byte("begin ")
	for pos := 0; ; {
		i := bytes.Index(text[pos:], begin)
		if i < 0 {
			return uuFile{}, false
		}
		start := pos + i
		pos = start + len(begin)
		if start > 0 && text[start-1] != '\n' {
			continue
		}
		line, after := cutLine(text, pos)
		mode, name, ok := bytes.Cut(line, []byte(" "))
		if !ok || len(mode) < 3 || len(mode) > 4 || len(bytes.Trim(mode, "01234567")) > 0 {
			continue
		}
		if data, end := decodeUU(text, after); len(data) > 0 {
			return uuFile{name: name, data: data, start: start, end: end}, true
		}
	}
}

// decodeUU decodes the lines from a position on, and returns the data and the position
// after the last line. Digits may be missing at the end of a line, but not so many that
// the data would be larger than the lines.
func decodeUU(text []byte, pos int) ([]byte, int) {
	var data []byte
	for start := pos; pos < len(text); {
		line, next := cutLine(text, pos)
		if bytes.Equal(line, []byte("end")) {
			return data, next
		}
		if len(line) == 0 {
			break
		}
		n := int(line[0]-' ') & 63
		digits := line[1:]
		whole := (n + 2) / 3 * 4
		if line[0] < ' ' || line[0] > '`' || len(digits) > whole+2 || !areUUDigits(digits) || len(data)+n > next-start {
			break
		}
		for i := 0; n > 0; i += 4 {
			var q [4]byte // digits that a gateway took off the end of the line are spaces
			for j := range q {
				if i+j < len(digits) {
					q[j] = (digits[i+j] - ' ') & 63
				}
			}
			three := [3]byte{q[0]<<2 | q[1]>>4, q[1]<<4 | q[2]>>2, q[2]<<6 | q[3]}
			data = append(data, three[:min(n, 3)]...)
			n -= 3
		}
		pos = next
	}
	return data, pos
}

func areUUDigits(line []byte) bool {
	for _, c := range line {
		if c < ' ' || c > '`' {
			return false
		}
	}
	return true
}

// cutLine returns the line at a position, without its end, and where the next
// one starts.
func cutLine(text []byte, pos int) (line []byte, next int) {
	end, next := len(text), len(text)
	if i := bytes.IndexByte(text[pos:], '\n'); i >= 0 {
		end, next = pos+i, pos+i+1
	}
	return bytes.TrimSuffix(text[pos:end], []byte("\r")), next
}
