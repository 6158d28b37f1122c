package daemon

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"

	"bdc/ingest"
	"bdc/order"
	"bdc/review"
	"bdc/sheet/mark"
)

// markVerified marks the workbooks of the public page, as the composer marks those
// of mails. A workbook that was sent back before keeps the code of its case, by
// which the case is found when the workbook is mailed.
func markVerified(form *order.Form, marker *mark.Marker) func(context.Context, *ingest.Exam) (review.Download, error) {
	return func(ctx context.Context, x *ingest.Exam) (review.Download, error) {
		var files []mark.Marked
		for i, part := range x.Message.Parts {
			var marks []mark.Mark
			code := ""
			for _, f := range x.Forms {
				if f.Part.Hash != part.Hash || f.Draft == nil || f.Verdict != order.Rejected {
					continue
				}
				marks = append(marks, marksOf(form, f.Index, f.Findings)...)
				code = f.Draft.Case
			}
			same := func(p order.Part) bool { return p.Hash == part.Hash }
			if len(marks) == 0 || slices.ContainsFunc(x.Message.Parts[:i], same) {
				continue
			}
			marked, err := marker.Mark(ctx, part.Name, x.Blobs[i], marks, code)
			if err != nil {
				return review.Download{}, fmt.Errorf("mark %s: %w", part.Type, err)
			}
			files = append(files, marked...)
		}
		switch len(files) {
		case 0:
			return review.Download{}, errors.New("nothing to mark")
		case 1:
			return review.Download{Name: files[0].Name, Type: xlsxType, Data: files[0].Data}, nil
		}
		return zipped(files)
	}
}

// zipped puts several workbooks into one file.
func zipped(files []mark.Marked) (review.Download, error) {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	seen := map[string]bool{}
	for _, f := range files {
		name, extension := f.Name, path.Ext(f.Name)
		for n := 2; seen[name]; n++ {
			name = strings.TrimSuffix(f.Name, extension) + "-" + strconv.Itoa(n) + extension
		}
		seen[name] = true
		w, err := z.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Store}) // workbooks are zips already
		if err != nil {
			return review.Download{}, err
		}
		if _, err := w.Write(f.Data); err != nil {
			return review.Download{}, err
		}
	}
	if err := z.Close(); err != nil {
		return review.Download{}, err
	}
	return review.Download{Name: "Bons à corriger.zip", Type: "application/zip", Data: b.Bytes()}, nil
}
