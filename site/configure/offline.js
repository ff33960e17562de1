// Keeps the page for visits without a network. The build writes FILES and VERSION above.
/* global FILES, VERSION */
addEventListener("install", (event) => {
  const fresh = FILES.map((name) => new Request(name, { cache: "no-cache" }));
  event.waitUntil(caches.open(VERSION).then((cache) => cache.addAll(fresh)));
  skipWaiting();
});

addEventListener("activate", (event) => {
  const outdated = async () => {
    const names = await caches.keys();
    const own = names.filter((name) => name.startsWith("configure-") && name !== VERSION);
    await Promise.all(own.map((name) => caches.delete(name)));
  };
  event.waitUntil(outdated());
});

addEventListener("fetch", (event) => {
  const stored = caches.open(VERSION).then((cache) => cache.match(event.request, { ignoreSearch: true }));
  event.respondWith(stored.then((response) => response ?? fetch(event.request)));
});
