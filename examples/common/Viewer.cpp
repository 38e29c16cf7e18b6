//===- Viewer.cpp - Films in one HTML file --------------------------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "Viewer.h"

#include <algorithm>
#include <cstdio>
#include <string_view>
#include <utility>

namespace example {

namespace {

constexpr const char *Page = R"(<!DOCTYPE html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>@TITLE@</title>
<style>
  body { font: 16px sans-serif; margin: 1em auto; max-width: 45em; padding: 0 1em }
  canvas { width: 100%; image-rendering: pixelated; border: 1px solid #888 }
  #scale { height: 1em }
  .row { display: flex; gap: .7em; align-items: center; margin: .5em 0 }
  #place { flex: 1 }
  button { width: 5em }
</style>
<h1>@TITLE@</h1>
<canvas id="film"></canvas>
<div class="row">
  <button id="play">Pause</button>
  <input id="place" type="range" min="0" value="0" aria-label="picture">
  <span id="step"></span>
</div>
<div class="row">
  <label>speed <input id="speed" type="range" min="1" max="60" value="20"></label>
  <label>colours <select id="colours"></select></label>
</div>
<div class="row">
  <span>@LOW@</span><canvas id="scale" width="256" height="1"></canvas><span>@HIGH@</span>
</div>
<noscript>This page plays its film by JavaScript.</noscript>
<script>
'use strict';
const pictures = [@PICTURES@];
const steps = @STEPS@;
const palettes = { @PALETTES@ };
const get = id => document.getElementById(id);
const film = get('film'), pen = film.getContext('2d', { willReadFrequently: true });
let colours, shown = -1, playing = true, last = 0;

// "rrggbb" for each of the 256 values.
function decode(hex) {
  const table = new Uint8Array(768);
  for (let i = 0; i < 768; ++i) table[i] = parseInt(hex.substr(2 * i, 2), 16);
  return table;
}
function paint(context, image) {
  const data = image.data;
  for (let i = 0; i < data.length; i += 4) {
    const from = 3 * data[i];
    data[i] = colours[from];
    data[i + 1] = colours[from + 1];
    data[i + 2] = colours[from + 2];
  }
  context.putImageData(image, 0, 0);
}
function show(index, images) {
  shown = index;
  pen.drawImage(images[index], 0, 0);
  paint(pen, pen.getImageData(0, 0, film.width, film.height));
  get('place').value = index;
  get('step').textContent = 'step ' + Math.floor(steps * (index + 1) / images.length);
}
function choose(images) {
  colours = decode(palettes[get('colours').value]);
  const scale = get('scale').getContext('2d'), image = scale.createImageData(256, 1);
  for (let i = 0; i < 256; ++i) { image.data[4 * i] = i; image.data[4 * i + 3] = 255; }
  paint(scale, image);
  show(Math.max(shown, 0), images);
}
function play(on) {
  playing = on;
  get('play').textContent = on ? 'Pause' : 'Play';
}
Promise.all(pictures.map(text => {
  const image = new Image();
  image.src = 'data:image/png;base64,' + text;
  return image.decode().then(() => image);
})).then(images => {
  film.width = images[0].naturalWidth;
  film.height = images[0].naturalHeight;
  get('place').max = images.length - 1;
  for (const name in palettes) get('colours').add(new Option(name));
  get('colours').onchange = () => choose(images);
  get('play').onclick = () => play(!playing);
  get('place').oninput = () => { play(false); show(+get('place').value, images); };
  choose(images);
  requestAnimationFrame(function tick(now) {
    if (playing && now - last >= 1000 / get('speed').value) {
      last = now;
      show((shown + 1) % images.length, images);
    }
    requestAnimationFrame(tick);
  });
});
</script>
</html>
)";

/// What may stand in the text of a page.
std::string escaped(const std::string &text) {
  std::string result;
  for (const char letter : text)
    switch (letter) {
    case '&':
      result += "&amp;";
      break;
    case '<':
      result += "&lt;";
      break;
    case '>':
      result += "&gt;";
      break;
    default:
      result += letter;
    }
  return result;
}

std::string hex(const Palette &palette) {
  std::string text;
  for (const Colour &colour : palette)
    for (const unsigned char part : colour) {
      char digits[3];
      std::snprintf(digits, sizeof(digits), "%02x", part);
      text += digits;
    }
  return text;
}

Palette greyPalette() {
  Palette palette;
  for (std::size_t i = 0; i < palette.size(); ++i)
    palette[i].fill(static_cast<unsigned char>(i));
  return palette;
}

} // namespace

std::string base64(const std::string &bytes) {
  constexpr char Digits[] =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  for (std::size_t at = 0; at < bytes.size(); at += 3) {
    const std::size_t count = std::min<std::size_t>(3, bytes.size() - at);
    std::uint32_t group = 0;
    for (std::size_t i = 0; i < 3; ++i)
      group = group << 8 |
              (i < count ? static_cast<unsigned char>(bytes[at + i]) : 0u);
    for (std::size_t i = 0; i < 4; ++i)
      text += i <= count ? Digits[group >> (18 - 6 * i) & 63] : '=';
  }
  return text;
}

std::string encodeViewer(std::span<const Picture> pictures,
                         const Palette &palette, const ViewerText &text) {
  std::string all, palettes;
  for (const Picture &picture : pictures)
    all += "'" + base64(encodePng(picture, nullptr)) + "',\n";
  for (const auto &[name, colours] :
       {std::pair<const char *, Palette>{"chosen by the program", palette},
        {"red and blue", divergingPalette()},
        {"dark to light", sequentialPalette()},
        {"grey", greyPalette()}}) {
    Palette shown = colours;
    if (text.hasWalls)
      shown[0] = WallColour;
    palettes += std::string("'") + name + "': '" + hex(shown) + "',\n";
  }

  std::string page;
  const std::pair<std::string_view, std::string> values[] = {
      {"@TITLE@", escaped(text.title)},
      {"@LOW@", escaped(text.low)},
      {"@HIGH@", escaped(text.high)},
      {"@STEPS@", std::to_string(text.steps)},
      {"@PICTURES@", all},
      {"@PALETTES@", palettes}};
  for (std::string_view rest = Page; !rest.empty();) {
    const auto value = std::find_if(
        std::begin(values), std::end(values), [&](const auto &one) {
          return rest.substr(0, one.first.size()) == one.first;
        });
    if (value != std::end(values)) {
      page += value->second;
      rest.remove_prefix(value->first.size());
    } else {
      page += rest.front();
      rest.remove_prefix(1);
    }
  }
  return page;
}

} // namespace example
