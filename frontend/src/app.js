// Progressive enhancement only: every page works without this file.
const each = (selector, act) => document.querySelectorAll(selector).forEach(act);

document.documentElement.classList.add("js");

// Long texts are kept on this device while they are typed, and come back. They are forgotten once the town has them: when a sent form
// led on to a page without a complaint, and not to the login.
try {
  const arrived = performance.getEntriesByType("navigation").every((each) => each.type === "navigate");
  const sent = sessionStorage.getItem("sent");
  if (sent && arrived) {
    if (!document.querySelector(".fielderror, [role=alert]") && !location.pathname.startsWith("/login")) localStorage.removeItem(sent);
    sessionStorage.removeItem("sent");
  }
  each("textarea[data-draft]", (field) => {
    const key = "draft:" + field.dataset.draft;
    const kept = localStorage.getItem(key);
    if (kept && !field.value) field.value = kept;
    field.addEventListener("input", () => localStorage.setItem(key, field.value));
    field.form.addEventListener("submit", () => sessionStorage.setItem("sent", key));
  });
} catch (error) {
  console.info("drafts are not kept on this device", error);
}

// What may be the same as what is being written, as soon as there is something to compare.
each("textarea[data-alike]", (field) => {
  const here = document.querySelector("[data-alike-here]");
  let waiting;
  field.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(async () => {
      try {
        const body = new FormData();
        body.set("text", field.value);
        const place = field.form.elements.place;
        if (place) {
          body.set("place", place.value);
          body.set("at", "counter");
        }
        body.set("csrfmiddlewaretoken", field.form.elements.csrfmiddlewaretoken.value);
        const answer = await fetch(field.dataset.alike, { method: "POST", body });
        if (answer.ok) here.innerHTML = await answer.text();
      } catch (error) {
        console.info("nothing to compare with just now", error); // the next step shows it anyway
      }
    }, 800);
  });
});

// Wait before another code may be asked for.
each("[data-wait]", (button) => {
  const label = button.textContent;
  let left = Number(button.dataset.wait);
  const tick = () => {
    button.textContent = left > 0 ? `${label} (${left})` : label;
    button.setAttribute("aria-disabled", left > 0 ? "true" : "false");
    if (left-- > 0) setTimeout(tick, 1000);
  };
  tick();
});

// Long work: what is said of it is asked for again and again; when it is done, so is the waiting.
each("[data-await]", (part) => {
  const look = async () => {
    try {
      const answer = await fetch(location.href);
      const fresh = answer.ok && new DOMParser().parseFromString(await answer.text(), "text/html").getElementById(part.id);
      if (answer.ok && !fresh) return location.reload();
      if (fresh && fresh.innerHTML !== part.innerHTML) part.innerHTML = fresh.innerHTML;
    } catch (error) {
      console.info("no answer just now", error); // asked again in a moment
    }
    setTimeout(look, 2000);
  };
  setTimeout(look, 2000);
});

// The list at the door: without a network what was ticked waits on this device, and is sent once, under the key it was made with, when it is back.
each("form[data-offline]", (form) => {
  const key = "offline:" + location.pathname;
  const waits = form.querySelector("[data-offline-waits]");
  const refused = form.querySelector("[data-offline-refused]");
  const restore = (kept) => {
    for (const field of form.elements) {
      if (!field.name || field.type === "hidden") continue;
      if (field.type === "checkbox") field.checked = kept.getAll(field.name).includes(field.value);
      else field.value = kept.get(field.name) || "";
    }
  };
  const send = async () => {
    const kept = localStorage.getItem(key);
    if (!kept || !navigator.onLine) return;
    const body = new URLSearchParams(kept);
    body.set("csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken.value);
    try {
      const answer = await fetch(location.pathname, { method: "POST", body });
      if (answer.ok && new URL(answer.url).pathname === location.pathname) {
        localStorage.removeItem(key);
        location.reload();
      } else if (answer.status === 409 || answer.status === 422) {
        // It stands in the form again: pressed once more, the page says why.
        localStorage.removeItem(key);
        waits.hidden = true;
        refused.hidden = false;
      }
    } catch (error) {
      console.info("no network yet", error); // sent when it is back
    }
  };
  try {
    form.addEventListener("submit", (event) => {
      if (navigator.onLine) return;
      event.preventDefault();
      localStorage.setItem(key, new URLSearchParams(new FormData(form)).toString());
      waits.hidden = false;
    });
    const kept = localStorage.getItem(key);
    if (kept) {
      restore(new URLSearchParams(kept));
      waits.hidden = false;
    }
    addEventListener("online", send);
    send();
  } catch (error) {
    console.info("nothing is kept on this device", error);
  }
});

// Photos: made smaller before they travel, shown at once, sent as soon as they are picked.
const shrink = async (file) => {
  if (!/^image\/(jpeg|png|webp)$/.test(file.type) || file.size < 1500000) return file;
  const bitmap = await createImageBitmap(file, { imageOrientation: "from-image" });
  const scale = Math.min(1, 2560 / Math.max(bitmap.width, bitmap.height));
  const canvas = Object.assign(document.createElement("canvas"), { width: Math.round(bitmap.width * scale), height: Math.round(bitmap.height * scale) });
  canvas.getContext("2d").drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  const blob = await new Promise((done) => canvas.toBlob(done, "image/jpeg", 0.88));
  return blob && blob.size < file.size ? new File([blob], file.name.replace(/\.\w+$/, ".jpg"), { type: "image/jpeg" }) : file;
};
each("input[type=file][data-photos]", (input) => {
  input.addEventListener("change", async () => {
    try {
      const smaller = new DataTransfer();
      for (const file of input.files) smaller.items.add(await shrink(file));
      input.files = smaller.files;
    } catch (error) {
      console.info("sent as taken", error); // a picture this browser cannot decode goes as it is; the server looks at it
    }
    if (input.dataset.photos) {
      const button = document.querySelector(`button[value="${input.dataset.photos}"]`);
      if (button) button.click();
    }
    const says = document.querySelector(`output[for="${input.id}"]`);
    if (says) says.textContent = [...input.files].map((file) => file.name).join(" · ");
  });
});

// "Not done yet" was pressed on another page: open the form it leads to.
const unfold = () => {
  const target = location.hash && document.getElementById(location.hash.slice(1));
  if (!target || !target.matches("details")) return;
  target.open = true;
  const field = target.querySelector("textarea");
  if (field) field.focus();
};
unfold();
addEventListener("hashchange", unfold);

// The day of the lunar calendar, where the browser knows it.
each("[data-lunar]", (element) => {
  if (!document.documentElement.lang.startsWith("zh")) return;
  const parts = new Intl.DateTimeFormat("zh-CN-u-ca-chinese", { dateStyle: "long", timeZone: "Asia/Shanghai" }).formatToParts(new Date());
  const said = (type) => (parts.find((part) => part.type === type) || { value: "" }).value;
  if (!/^\D+$/.test(said("month") + said("day")) || !said("day")) return;
  element.textContent = ` · 农历${said("month")}${said("day")}`;
  element.hidden = false;
});

// A voice message: recorded here where the device can, at most a minute; a file otherwise.
each("[data-record]", (button) => {
  const input = document.getElementById(button.dataset.record);
  const type = window.MediaRecorder && ["audio/webm;codecs=opus", "audio/mp4"].find((each) => MediaRecorder.isTypeSupported(each));
  if (!type || !navigator.mediaDevices) return;
  let recorder = null;
  button.hidden = false;
  button.addEventListener("click", async () => {
    if (recorder && recorder.state === "recording") return recorder.stop();
    try {
      const sound = await navigator.mediaDevices.getUserMedia({ audio: true });
      const parts = [];
      recorder = new MediaRecorder(sound, { mimeType: type, audioBitsPerSecond: 32000 });
      recorder.addEventListener("dataavailable", (event) => parts.push(event.data));
      recorder.addEventListener("stop", () => {
        sound.getTracks().forEach((track) => track.stop());
        const said = new DataTransfer();
        said.items.add(new File(parts, type.startsWith("audio/mp4") ? "voice.m4a" : "voice.webm", { type }));
        input.files = said.files;
        button.textContent = button.dataset.again;
      });
      recorder.start();
      button.textContent = button.dataset.stop;
      setTimeout(() => recorder.state === "recording" && recorder.stop(), 60000);
    } catch (error) {
      console.info("not recorded here", error); // no microphone, or not allowed: the file field is still there
      button.hidden = true;
    }
  });
});

// The workbench by keyboard.
const rows = [...document.querySelectorAll("[data-row]")];
if (rows.length) {
  document.addEventListener("keydown", (event) => {
    if (event.target.closest("input, textarea, select, [contenteditable]") || event.ctrlKey || event.metaKey || event.altKey) return;
    const here = rows.findIndex((row) => row.getAttribute("aria-current") === "true");
    const key = event.key.toLowerCase();
    if (key === "j" || key === "k") {
      const next = rows[Math.min(rows.length - 1, Math.max(0, here + (key === "j" ? 1 : -1)))];
      if (next) location.href = next.dataset.row;
    } else {
      const target = document.querySelector(`[data-key="${key === "?" ? "help" : key}"]`);
      if (!target) return;
      event.preventDefault();
      if (target.matches("details")) target.open = !target.open;
      const field = target.matches("textarea, input") ? target : target.querySelector("textarea, select, input:not([type=hidden])");
      if (field) field.focus();
      else if (target.href) location.href = target.href;
    }
  });
}
document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && event.target.matches("textarea")) event.target.form.requestSubmit();
});

// Read aloud, where the device itself has a voice for the page's language.
const speech = window.speechSynthesis;
if (speech) {
  const voice = () => speech.getVoices().find((v) => v.localService && v.lang.toLowerCase().startsWith(document.documentElement.lang.slice(0, 2).toLowerCase()));
  const show = () => each("[data-read-aloud]", (button) => (button.hidden = !voice()));
  show();
  speech.addEventListener && speech.addEventListener("voiceschanged", show);
  each("[data-read-aloud]", (button) =>
    button.addEventListener("click", () => {
      if (speech.speaking) return speech.cancel();
      const words = new SpeechSynthesisUtterance(document.getElementById("main").innerText);
      words.voice = voice();
      words.lang = document.documentElement.lang;
      words.rate = 0.9;
      speech.speak(words);
    }),
  );
}
