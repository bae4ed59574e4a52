// What the browser is told to refuse on our behalf, with every answer.

/** Everything comes from us, and no script stands in a page: text that gets into one by mistake stays text. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'", // the terminal measures its letters and sets its colours in a <style> of its own
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
];

export const SAFE_HEADERS = {
  "Content-Security-Policy": POLICY.join("; "),
  // The address has the token in it.
  "Referrer-Policy": "no-referrer",
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Resource-Policy": "same-origin",
  "X-Content-Type-Options": "nosniff",
  "X-Frame-Options": "DENY",
  "Cache-Control": "no-store",
};
