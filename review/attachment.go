package review

import (
	"context"
	"errors"
	"mime"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"bdc/order"
	"bdc/store"
)

// attached are files, and the page that they are on.
type attached struct {
	At    string
	Parts []order.Part
}

// attachment hands out a file of one of the case's messages.
func (c *Console) attachment(v *visit) error { return v.serveAttachment(c.caseParts, downloaded) }

// casePDF shows one, if it is a PDF.
func (c *Console) casePDF(v *visit) error { return v.serveAttachment(c.caseParts, shownPDF) }

// orderAttachment hands out a file of the message that the order came with.
func (c *Console) orderAttachment(v *visit) error { return v.serveAttachment(c.orderParts, downloaded) }

// orderPDF shows one, if it is a PDF.
func (c *Console) orderPDF(v *visit) error { return v.serveAttachment(c.orderParts, shownPDF) }

func (c *Console) caseParts(ctx context.Context, r *http.Request) (parts []order.Part, err error) {
	k, err := c.Store.Case(ctx, r.PathValue("code"))
	for _, a := range k.Attempts {
		parts = append(parts, a.Parts...)
	}
	return parts, err
}

func (c *Console) orderParts(ctx context.Context, r *http.Request) ([]order.Part, error) {
	o, err := c.Store.Order(ctx, r.PathValue("number"))
	if err != nil {
		return nil, err
	}
	m, err := c.orderMessage(ctx, &o)
	if err != nil {
		return nil, err
	}
	return m.Parts, nil
}

// handOut hands out one of some files, by the hash in the path.
func (v *visit) serveAttachment(parts func(context.Context, *http.Request) ([]order.Part, error),
	answer func(*visit, Download, string) error,
) error {
	list, err := parts(v.r.Context(), v.r)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(list, func(p order.Part) bool { return string(p.Hash) == v.r.PathValue("hash") })
	if i < 0 {
		return store.ErrNotFound
	}
	data, err := v.c.Store.Blob(v.r.Context(), list[i].Hash)
	if errors.Is(err, store.ErrNotFound) {
		return refusal{http.StatusGone, "Pièce jointe effacée", "Le temps pendant lequel les pièces jointes sont " +
			"gardées est passé. Le message lui-même est toujours dans la boîte aux lettres, si personne ne l’a " +
			"supprimé."}
	}
	if err != nil {
		return err
	}
	name := list[i].Name
	if strings.TrimSpace(name) == "" {
		name = "piece"
	}
	return answer(v, Download{name, "application/octet-stream", data}, list[i].Type)
}

// downloaded makes a browser save a file, and run nothing of it, whatever it is.
func downloaded(v *visit, d Download, _ string) error {
	v.save(d)
	return nil
}

// shownPDF makes a browser show a file that is a PDF by its bytes, in a document
// of no origin that may load and run nothing. Chromium's viewer works under this
// policy, and refuses to in a frame that itself has the attribute sandbox.
func shownPDF(v *visit, d Download, kind string) error {
	if kind != "pdf" {
		return store.ErrNotFound
	}
	d.Type = "application/pdf"
	v.send(d, "inline", "default-src 'none'; sandbox; frame-ancestors 'self'")
	return nil
}

// save answers with a file, which browsers only save.
func (v *visit) save(d Download) { v.send(d, "attachment", "default-src 'none'; sandbox") }

func (v *visit) send(d Download, disposition, policy string) {
	h := v.w.Header()
	h.Set("Content-Type", d.Type)
	h.Set("Content-Disposition", mime.FormatMediaType(disposition, map[string]string{"filename": d.Name}))
	h.Set("Content-Security-Policy", policy)
	h.Set("Content-Length", strconv.Itoa(len(d.Data)))
	_, _ = v.w.Write(d.Data) // the browser is gone: nobody to tell
}
