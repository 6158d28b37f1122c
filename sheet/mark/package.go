package mark

import (
	"archive/zip"
	"bytes"
	"cmp"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"
	"time"

	"bdc/sheet/grid"
)

// parts is a workbook file that is being edited. The parts that are not written anew are
// copied as they are, without inflating them.
type parts struct {
	*grid.Package
	size    int               // of the file before editing, in bytes
	written map[string][]byte // the parts that were written anew, by their names
	gone    map[string]bool   // the parts that were removed
}

func openParts(data []byte, lim grid.Limits) (*parts, error) {
	p, err := grid.Open(data, lim)
	if err != nil {
		return nil, err
	}
	return &parts{Package: p, size: len(data), written: map[string][]byte{}, gone: map[string]bool{}}, nil
}

// exists says whether the edited file has a part.
func (p *parts) exists(part string) bool {
	return p.written[part] != nil || p.Has(part) && !p.gone[part]
}

// part returns a part of the edited file in UTF-8. The caller must not change the bytes.
func (p *parts) part(part string) ([]byte, error) {
	if text := p.written[part]; text != nil {
		return text, nil
	}
	if p.gone[part] {
		return nil, fmt.Errorf("no part %s", part)
	}
	return p.Package.Text(part)
}

const xmlHeader = `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>` + "\n"

func (p *parts) write(part string, text []byte) { p.written[part] = text }

// free returns a name for a new part: xl/comments3.xml for the pattern
// xl/comments%d.xml, if there are two such parts.
func (p *parts) free(pattern string) string {
	for n := 1; ; n++ {
		if part := fmt.Sprintf(pattern, n); !p.Has(part) && !p.exists(part) {
			return part
		}
	}
}

// bytes is the edited file.
func (p *parts) bytes() ([]byte, error) {
	var out bytes.Buffer
	out.Grow(p.size + p.size/8)
	w := zip.NewWriter(&out)
	left := maps.Clone(p.written)
	// Excelize tells Sheet1.xml from sheet1.xml. So the part with the relationships of a
	// part must be spelled as that part is.
	rels := map[string]string{}
	for _, f := range p.Files() {
		rels[grid.RelationsOf(grid.PartName(f.Name))] = grid.RelationsOf(strings.ReplaceAll(f.Name, `\`, "/"))
	}
	for _, f := range p.Files() {
		part := grid.PartName(f.Name)
		if p.gone[part] {
			continue
		}
		text, changed := p.written[part]
		if !changed {
			if err := w.Copy(f); err != nil {
				return nil, fmt.Errorf("copy part %s: %w", part, err)
			}
			continue
		}
		if _, first := left[part]; !first {
			continue // the zip has the part twice, and it is written already
		}
		delete(left, part)
		if err := addPart(w, cmp.Or(rels[part], strings.ReplaceAll(f.Name, `\`, "/")), text); err != nil {
			return nil, err
		}
	}
	for _, part := range slices.Sorted(maps.Keys(left)) {
		if err := addPart(w, cmp.Or(rels[part], part), left[part]); err != nil {
			return nil, err
		}
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

// addPart writes a part. Its date is the oldest that a zip can hold, so that the bytes of a
// marked workbook depend on its content alone.
func addPart(z *zip.Writer, name string, text []byte) error {
	w, err := z.CreateHeader(&zip.FileHeader{
		Name:     name,
		Method:   zip.Deflate,
		Modified: time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC),
	})
	if err == nil {
		_, err = w.Write(text)
	}
	return err
}

// link is a relationship of a part.
type link struct {
	tag
	id     string
	kind   string // the last word of its type
	schema string // its type without that word, which strict workbooks spell another way
	target string // the part that it points to; "" if that is outside of the file
}

// isSheet says whether the relationship, one of the main part's, is to a sheet.
func (l link) isSheet() bool {
	return l.kind == "worksheet" || l.kind == "chartsheet" || l.kind == "dialogsheet"
}

// links are the relationships of a part, in their order.
func (p *parts) links(part string) ([]link, error) {
	if !p.exists(grid.RelationsOf(part)) {
		return nil, nil
	}
	text, err := p.part(grid.RelationsOf(part))
	if err != nil {
		return nil, err
	}
	var list []link
	err = walk(text, func(t tag) error {
		if t.kind != tagStart || t.depth != 2 || t.name != "Relationship" {
			return nil
		}
		l := link{tag: t, id: t.attr("Id"), kind: path.Base(t.attr("Type")), schema: path.Dir(t.attr("Type"))}
		if t.attr("TargetMode") != "External" {
			l.target = grid.Resolve(part, t.attr("Target"))
		}
		// path.Dir takes one slash of http:// away.
		l.schema = strings.Replace(l.schema, ":/", "://", 1) + "/"
		list = append(list, l)
		return nil
	})
	return list, err
}

// relate adds a relationship from a part to another one, the target, and returns its id.
func (p *parts) relate(part, typ, target string) (string, error) {
	list, err := p.links(part)
	if err != nil {
		return "", err
	}
	n, id := len(list), ""
	for id == "" || slices.ContainsFunc(list, func(l link) bool { return l.id == id }) {
		n++
		id = fmt.Sprintf("rId%d", n)
	}
	one := fmt.Sprintf(`<Relationship Id="%s" Type="%s" Target="/%s"/>`, id, typ, target)
	text := []byte(xmlHeader +
		`<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"></Relationships>`)
	if p.exists(grid.RelationsOf(part)) {
		if text, err = p.part(grid.RelationsOf(part)); err != nil {
			return "", err
		}
	}
	text, err = insertLast(text, 1, one)
	p.write(grid.RelationsOf(part), text)
	return id, err
}

// contentTypes is the part that lists the types of all parts.
const contentTypes = "[content_types].xml"

// declare adds the type of a part to the list of types; or, if an extension is given
// instead of a part, the type of all parts with that extension. What has a type keeps it.
func (p *parts) declare(part, extension, typ string) error {
	text, err := p.part(contentTypes)
	if err != nil {
		return err
	}
	known := false
	err = walk(text, func(t tag) error {
		if t.kind != tagStart || t.depth != 2 {
			return nil
		}
		known = known || part != "" && grid.PartName(t.attr("PartName")) == part ||
			extension != "" && t.name == "Default" && strings.EqualFold(t.attr("Extension"), extension)
		return nil
	})
	if err != nil || known {
		return err
	}
	one := fmt.Sprintf(`<Override PartName="/%s" ContentType="%s"/>`, part, typ)
	if extension != "" {
		one = fmt.Sprintf(`<Default Extension="%s" ContentType="%s"/>`, extension, typ)
	}
	text, err = insertLast(text, 1, one)
	p.write(contentTypes, text)
	return err
}
