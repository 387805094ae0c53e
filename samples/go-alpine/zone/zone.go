// Package zone knows what time it is elsewhere.
package zone

import (
	"net/http"
	"time"
)

// Now is the time in a zone such as Europe/Lisbon; the local one if the name is empty.
func Now(name string) (time.Time, error) {
	if name == "" {
		return time.Now(), nil
	}
	location, err := time.LoadLocation(name)
	if err != nil {
		return time.Time{}, err
	}
	return time.Now().In(location), nil
}

// Drift is how far the local clock is ahead of the Date header at a URL.
func Drift(url string) (time.Duration, error) {
	answer, err := http.Head(url)
	if err != nil {
		return 0, err
	}
	defer answer.Body.Close()
	date, err := http.ParseTime(answer.Header.Get("Date"))
	if err != nil {
		return 0, err
	}
	return time.Since(date).Truncate(time.Second), nil
}
