#pragma once

int unrelated();
